"""WeChat's API for webview domains: client, tokens, replies, errors. Independent of Pulumi."""
