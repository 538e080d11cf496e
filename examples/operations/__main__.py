"""One Mini Program, whose live list is compared with this program on a schedule."""

from pulumi_wechat_miniprogram import MiniProgramWebviewDomains

MiniProgramWebviewDomains("shop", appid="wx0123456789abcdef", domains=["https://shop.example.com"])
