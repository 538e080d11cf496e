"""What a language host runs for the pack's directory."""

from pulumi_wechat_miniprogram.policy import serve

serve()
