// A provider for Terraform that makes the calls of docs/reference/calls.md and looks at no answer: what the
// benchmarks compare the native plugin with.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

const (
	list      = "/wxa/setwebviewdomain_directly"
	effective = "/wxa/get_effective_webviewdomain"
)

var (
	client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	tokens map[string]string
)

type body map[string]any

func post(appid, path string, request body) error {
	text, err := json.Marshal(request)
	if err != nil {
		return err
	}
	url := os.Getenv("WECHAT_MINIPROGRAM_ENDPOINT") + path + "?access_token=" + tokens[appid]
	answer, err := client.Post(url, "application/json", bytes.NewReader(text))
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return err
}

func get(appid string) error { return post(appid, list, body{"action": "get"}) }

type floor struct{}

func (floor) Metadata(_ context.Context, _ provider.MetadataRequest, answer *provider.MetadataResponse) {
	answer.TypeName = "floor"
}

func (floor) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (floor) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}

func (floor) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (floor) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return domains{} }}
}

type domains struct{}

type model struct {
	Appid   types.String `tfsdk:"appid"`
	Domains []string     `tfsdk:"domains"`
	Pending types.List   `tfsdk:"pending_domains"`
	Added   types.List   `tfsdk:"added_domains"`
	Release types.Bool   `tfsdk:"release_required"`
}

func (domains) Metadata(_ context.Context, _ resource.MetadataRequest, answer *resource.MetadataResponse) {
	answer.TypeName = "floor_domains"
}

func (domains) Schema(_ context.Context, _ resource.SchemaRequest, answer *resource.SchemaResponse) {
	answer.Schema.Attributes = map[string]schema.Attribute{
		"appid":            schema.StringAttribute{Required: true},
		"domains":          schema.ListAttribute{Required: true, ElementType: types.StringType},
		"pending_domains":  schema.ListAttribute{Computed: true, ElementType: types.StringType},
		"added_domains":    schema.ListAttribute{Computed: true, ElementType: types.StringType},
		"release_required": schema.BoolAttribute{Computed: true},
	}
}

func (domains) Create(ctx context.Context, request resource.CreateRequest, answer *resource.CreateResponse) {
	var held model
	answer.Diagnostics.Append(request.Plan.Get(ctx, &held)...)
	appid := held.Appid.ValueString()
	for _, err := range []error{
		get(appid),
		post(appid, list, body{"action": "set", "webviewdomain": held.Domains}),
		post(appid, effective, body{}),
	} {
		if err != nil {
			answer.Diagnostics.AddError("call", err.Error())
		}
	}
	pending, _ := types.ListValueFrom(ctx, types.StringType, held.Domains)
	held.Pending, held.Added, held.Release = pending, pending, types.BoolValue(true)
	answer.Diagnostics.Append(answer.State.Set(ctx, &held)...)
}

func (domains) Read(ctx context.Context, request resource.ReadRequest, answer *resource.ReadResponse) {
	var held model
	answer.Diagnostics.Append(request.State.Get(ctx, &held)...)
	appid := held.Appid.ValueString()
	for _, err := range []error{get(appid), post(appid, effective, body{})} {
		if err != nil {
			answer.Diagnostics.AddError("call", err.Error())
		}
	}
}

func (domains) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {}

func (domains) Delete(ctx context.Context, request resource.DeleteRequest, answer *resource.DeleteResponse) {
	var held model
	answer.Diagnostics.Append(request.State.Get(ctx, &held)...)
	appid := held.Appid.ValueString()
	for _, err := range []error{get(appid), post(appid, list, body{"action": "delete", "webviewdomain": held.Domains})} {
		if err != nil {
			answer.Diagnostics.AddError("call", err.Error())
		}
	}
}

func main() {
	if err := json.Unmarshal([]byte(os.Getenv("WECHAT_MINIPROGRAM_ACCESS_TOKENS")), &tokens); err != nil {
		log.Fatal(fmt.Errorf("WECHAT_MINIPROGRAM_ACCESS_TOKENS: %w", err))
	}
	options := providerserver.ServeOpts{Address: "registry.terraform.io/example/floor"}
	if err := providerserver.Serve(context.Background(), func() provider.Provider { return floor{} }, options); err != nil {
		log.Fatal(err)
	}
}
