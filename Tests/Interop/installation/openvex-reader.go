// SPDX-License-Identifier: Apache-2.0

// What scanners see in an OpenVEX document: go-vex's own reading, rules, merging and matching, which they use.
//
//	openvex-reader FILE...                            reads the documents, checks every statement, and merges them
//	openvex-reader FILE PRODUCT PART VULNERABILITY    prints the status that holds for a part of a product
package main

import (
	"fmt"
	"os"

	"github.com/openvex/go-vex/pkg/vex"
)

func read(path string) (*vex.VEX, error) {
	document, err := vex.Open(path)
	if err != nil {
		return nil, err
	}
	if len(document.Statements) == 0 {
		return nil, fmt.Errorf("%s has no statement", path)
	}
	for index := range document.Statements {
		if err := document.Statements[index].Validate(); err != nil {
			return nil, fmt.Errorf("%s: statements[%d]: %w", path, index, err)
		}
	}
	return document, nil
}

func check(paths []string) error {
	var documents []*vex.VEX
	for _, path := range paths {
		document, err := read(path)
		if err != nil {
			return err
		}
		documents = append(documents, document)
	}
	merged, err := vex.MergeDocuments(documents)
	if err != nil {
		return err
	}
	fmt.Println(len(merged.Statements), "statements")
	return nil
}

func match(path, product, part, vulnerability string) error {
	document, err := read(path)
	if err != nil {
		return err
	}
	found := document.Matches(vulnerability, product, []string{part})
	if len(found) == 0 {
		return fmt.Errorf("nothing is stated about %s in %s of %s", vulnerability, part, product)
	}
	// The last one holds.
	last := found[len(found)-1]
	fmt.Println(last.Status, last.Justification)
	return nil
}

func main() {
	arguments := os.Args[1:]
	var err error
	switch {
	case len(arguments) == 0:
		err = fmt.Errorf("usage: openvex-reader FILE... | openvex-reader FILE PRODUCT PART VULNERABILITY")
	case len(arguments) == 4 && len(arguments[1]) > 4 && arguments[1][:4] == "pkg:":
		err = match(arguments[0], arguments[1], arguments[2], arguments[3])
	default:
		err = check(arguments)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
