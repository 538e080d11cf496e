import * as wechat from "pulumi-wechat-miniprogram";

const shop = new wechat.MiniProgramWebviewDomains("shop", {
  appid: "wx0123456789abcdef",
  domains: ["https://a.example.com", "https://b.example.com"],
});

export const pending = shop.pendingDomains;
