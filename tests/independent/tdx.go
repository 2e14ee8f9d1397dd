// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"time"

	"github.com/google/go-tdx-guest/abi"
	pb "github.com/google/go-tdx-guest/proto/tdx"
	"github.com/google/go-tdx-guest/verify"
)

// The extension of Intel's PCK certificates.
var sgxExtensions = asn1.ObjectIdentifier{1, 2, 840, 113741, 1, 13, 1}

func verifyTdx(evidence []byte, root *x509.Certificate, at time.Time) error {
	parsed, err := abi.QuoteToProto(evidence)
	if err != nil {
		return err
	}
	quote, ok := parsed.(*pb.QuoteV4)
	if !ok {
		return fmt.Errorf("a quote of another version: %T", parsed)
	}
	data := quote.GetSignedData().GetCertificationData()
	chain := data.GetQeReportCertificationData().GetPckCertificateChainData()
	trusted, newRoot, err := renameIntel(chain.GetPckCertChain(), root, at)
	if err != nil {
		return err
	}
	data.Size = data.GetSize() - uint32(len(chain.GetPckCertChain())) + uint32(len(trusted))
	chain.PckCertChain, chain.Size = trusted, uint32(len(trusted))
	options := &verify.Options{Now: at, TrustedRoots: x509.NewCertPool()}
	options.TrustedRoots.AddCert(newRoot)
	return verify.TdxQuote(quote, options)
}

// renameIntel proves the leaf of a chain in PEM under the root, and returns a chain of the same leaf under Intel's names
// with its root; or both as they are, where the leaf has Intel's name already.
func renameIntel(chain []byte, root *x509.Certificate, at time.Time) ([]byte, *x509.Certificate, error) {
	pck, rest, err := nextCertificate(chain)
	if err != nil {
		return nil, nil, err
	}
	if pck.Subject.CommonName == "Intel SGX PCK Certificate" {
		return chain, root, nil
	}
	ca, _, err := nextCertificate(rest)
	if err != nil {
		return nil, nil, err
	}
	given := x509.VerifyOptions{Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool(), CurrentTime: at}
	given.Roots.AddCert(root)
	given.Intermediates.AddCert(ca)
	if _, err := pck.Verify(given); err != nil {
		return nil, nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	top, err := newRoot(intelName("Intel SGX Root CA"), key, root)
	if err != nil {
		return nil, nil, err
	}
	platform, err := top.newAuthority(intelName("Intel SGX PCK Platform CA"), key, ca)
	if err != nil {
		return nil, nil, err
	}
	leaf, err := platform.rename(pck, intelName("Intel SGX PCK Certificate"), sgxExtensions, pckProfile)
	if err != nil {
		return nil, nil, err
	}
	var renamed []byte
	for _, one := range []*x509.Certificate{leaf, platform.certificate, top.certificate} {
		renamed = append(renamed, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: one.Raw})...)
	}
	return renamed, top.certificate, nil
}

// The library counts the extensions of a PCK certificate: in Intel's profile there are these five and that of SGX.
func pckProfile(template *x509.Certificate) {
	template.AuthorityKeyId, template.SubjectKeyId = []byte{1}, []byte{2}
	template.BasicConstraintsValid = true
	template.CRLDistributionPoints = []string{"https://simulated.invalid/crl"}
	template.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment
}

func nextCertificate(text []byte) (*x509.Certificate, []byte, error) {
	block, rest := pem.Decode(text)
	if block == nil {
		return nil, nil, fmt.Errorf("the chain ends, expected a certificate")
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	return certificate, rest, err
}

func intelName(common string) pkix.Name {
	return pkix.Name{
		Country: []string{"US"}, Locality: []string{"Santa Clara"}, Province: []string{"CA"},
		Organization: []string{"Intel Corporation"}, CommonName: common,
	}
}
