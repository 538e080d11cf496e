// Command generate-sdks reads a package's schema and writes its SDKs: generate-sdks FOLDER <SCHEMA
//
// Each language has its own folder in FOLDER: python, nodejs and go. Their earlier content is removed.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	gogen "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

const tool = "pulumi-wechat-miniprogram"

// A loader finds the schemas of other packages. Ours refers to none, so this one is never called.
type noOthers struct{ schema.ReferenceLoader }

func main() {
	var spec schema.PackageSpec
	check(json.NewDecoder(os.Stdin).Decode(&spec))
	loader := noOthers{}
	pkg, problems, err := schema.BindSpec(spec, loader, schema.ValidationOptions{})
	check(err)
	if problems.HasErrors() {
		check(problems)
	}
	pkg.SupportPack = true // gives the Go SDK its go.mod
	files, err := python.GeneratePackage(tool, pkg, nil, loader)
	write("python", files, err)
	files, err = nodejs.GeneratePackage(tool, pkg, nil, nil, false, loader)
	write("nodejs", files, err)
	files, err = gogen.GeneratePackage(tool, pkg, nil)
	write("go", files, err)
}

func write(language string, files map[string][]byte, err error) {
	check(err)
	folder := filepath.Join(os.Args[1], language)
	check(os.RemoveAll(folder))
	for name, content := range files {
		path := filepath.Join(folder, name)
		check(os.MkdirAll(filepath.Dir(path), 0o755))
		check(os.WriteFile(path, content, 0o644))
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}
