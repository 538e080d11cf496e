"""WeChat's API of webview domains: client, tokens, replies, errors. Knows nothing of Pulumi."""
