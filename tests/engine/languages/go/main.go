// A program of the Automation API, which needs no language host: program up | preview | destroy
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/pulumi-wechat-miniprogram/pulumi-wechat-miniprogram/sdk/go/wechat"
	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func program(ctx *pulumi.Context) error {
	shop, err := wechat.NewMiniProgramWebviewDomains(ctx, "shop", &wechat.MiniProgramWebviewDomainsArgs{
		Appid:   pulumi.String("wx0123456789abcdef"),
		Domains: pulumi.ToStringArray([]string{"https://a.example.com", "https://b.example.com"}),
	})
	if err != nil {
		return err
	}
	ctx.Export("pending", shop.PendingDomains)
	return nil
}

func run(ctx context.Context, command string) error {
	stack, err := auto.SelectStackInlineSource(ctx, "test", "engine-test", program, auto.WorkDir("."))
	if err != nil {
		return err
	}
	switch command {
	case "up":
		_, err = stack.Up(ctx)
	case "preview":
		_, err = stack.Preview(ctx, optpreview.ExpectNoChanges())
	case "destroy":
		_, err = stack.Destroy(ctx)
	}
	return err
}

func main() {
	if err := run(context.Background(), os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
