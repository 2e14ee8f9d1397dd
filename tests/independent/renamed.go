// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
)

// The libraries insist on the vendors' names in certificates. Those of a simulated platform have others, on purpose.
// So what was proven under the simulated root by crypto/x509 is issued anew, by authorities that live as long as this
// process, under the names that the libraries want. Keys and extensions stay; so all that they sign is checked.

// An authority of this process.
type authority struct {
	certificate *x509.Certificate
	key         crypto.Signer
}

func newRoot(name pkix.Name, key crypto.Signer, like *x509.Certificate) (*authority, error) {
	template := templateOf(name, like)
	template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign
	certificate, err := issue(template, template, key.Public(), key)
	return &authority{certificate, key}, err
}

func (issuer *authority) newAuthority(name pkix.Name, key crypto.Signer, like *x509.Certificate) (*authority, error) {
	template := templateOf(name, like)
	template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign
	certificate, err := issue(template, issuer.certificate, key.Public(), issuer.key)
	return &authority{certificate, key}, err
}

// rename issues a certificate of the same key, with the same extensions of those whose identifiers lie below one
// and what else the vendor's profile asks for.
func (issuer *authority) rename(of *x509.Certificate, name pkix.Name, below asn1.ObjectIdentifier,
	profile func(*x509.Certificate)) (*x509.Certificate, error) {
	template := templateOf(name, of)
	profile(template)
	for _, extension := range of.Extensions {
		if len(extension.Id) >= len(below) && extension.Id[:len(below)].Equal(below) {
			template.ExtraExtensions = append(template.ExtraExtensions, extension)
		}
	}
	return issue(template, issuer.certificate, of.PublicKey, issuer.key)
}

func templateOf(name pkix.Name, like *x509.Certificate) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber:       big.NewInt(1),
		Subject:            name,
		NotBefore:          like.NotBefore,
		NotAfter:           like.NotAfter,
		SignatureAlgorithm: like.SignatureAlgorithm,
	}
}

func issue(template, parent *x509.Certificate, public crypto.PublicKey, signer crypto.Signer) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, signer)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}
