// SPDX-License-Identifier: Apache-2.0

// independent-verifier says what google/go-sev-guest and google/go-tdx-guest make of evidence.
//
//	independent-verifier snp ROOT TIME FILE…   each file a report of 1184 bytes, then its table of certificates
//	independent-verifier tdx ROOT TIME FILE…   each file a quote of version 4
//
// ROOT is the trusted root in DER; TIME is as in RFC 3339. For each file it prints "accepted FILE" or "refused FILE: WHY".
//
// Exit status: 0 all accepted; 1 one refused; 2 the request is wrong.
package main

import (
	"crypto/x509"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/google/logger"
)

// A verifier says what is wrong with evidence.
type verifier func(evidence []byte, root *x509.Certificate, at time.Time) error

var verifiers = map[string]verifier{"snp": verifySnp, "tdx": verifyTdx}

func main() {
	// Otherwise it writes to standard output.
	logger.Init("", false, false, io.Discard)
	status, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintf(os.Stderr, "independent-verifier: %v\n", err)
	}
	os.Exit(status)
}

func run(arguments []string) (int, error) {
	if len(arguments) < 4 || verifiers[arguments[0]] == nil {
		return 2, fmt.Errorf("found %d arguments, expected: snp|tdx ROOT TIME FILE…", len(arguments))
	}
	der, err := os.ReadFile(arguments[1])
	if err != nil {
		return 2, err
	}
	root, err := x509.ParseCertificate(der)
	if err != nil {
		return 2, fmt.Errorf("%s: %v", arguments[1], err)
	}
	at, err := time.Parse(time.RFC3339, arguments[2])
	if err != nil {
		return 2, err
	}
	status := 0
	for _, name := range arguments[3:] {
		evidence, err := os.ReadFile(name)
		if err != nil {
			return 2, err
		}
		if err := safely(verifiers[arguments[0]], evidence, root, at); err != nil {
			fmt.Printf("refused %s: %s\n", name, strings.ReplaceAll(err.Error(), "\n", " "))
			status = 1
		} else {
			fmt.Printf("accepted %s\n", name)
		}
	}
	return status, nil
}

// safely: a library that stumbles over evidence has not accepted it.
func safely(verify verifier, evidence []byte, root *x509.Certificate, at time.Time) (err error) {
	defer func() {
		if stumbled := recover(); stumbled != nil {
			err = fmt.Errorf("panic: %v", stumbled)
		}
	}()
	return verify(evidence, root, at)
}
