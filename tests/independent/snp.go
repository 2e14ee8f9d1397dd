// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"sync"
	"time"

	"github.com/google/go-sev-guest/abi"
	"github.com/google/go-sev-guest/kds"
	pb "github.com/google/go-sev-guest/proto/sevsnp"
	"github.com/google/go-sev-guest/verify"
	"github.com/google/go-sev-guest/verify/trust"
)

// Extensions of AMD's key distribution service.
var kdsExtensions = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 3704}

func verifySnp(evidence []byte, root *x509.Certificate, at time.Time) error {
	attestation, err := abi.ReportCertsToProto(evidence)
	if err != nil {
		return err
	}
	vcek, err := x509.ParseCertificate(attestation.GetCertificateChain().GetVcekCert())
	if err != nil {
		return fmt.Errorf("VCEK: %v", err)
	}
	extensions, err := kds.VcekCertificateExtensions(vcek)
	if err != nil {
		return err
	}
	options := &verify.Options{DisableCertFetching: true, Now: at}
	if options.TrustedRoots, err = amdRoots(attestation.GetCertificateChain(), extensions, vcek, root, at); err != nil {
		return err
	}
	if err := verify.SnpAttestation(attestation, options); err != nil {
		return err
	}
	// The library leaves these two to its policy.
	if !bytes.Equal(extensions.HWID, attestation.GetReport().GetChipId()) {
		return fmt.Errorf("the VCEK is of another chip")
	}
	if uint64(extensions.TCBVersion) != attestation.GetReport().GetReportedTcb() {
		return fmt.Errorf("the VCEK is of another TCB")
	}
	return nil
}

// amdRoots is what to hold the chain against: the root. Unless the VCEK has AMD's name already, it is proven under the
// root, and both are replaced by others that have.
func amdRoots(chain *pb.CertificateChain, extensions *kds.Extensions, vcek, root *x509.Certificate,
	at time.Time) (map[string][]*trust.AMDRootCerts, error) {
	ask, err := x509.ParseCertificate(chain.GetAskCert())
	if err != nil {
		return nil, fmt.Errorf("ASK: %v", err)
	}
	given := &trust.ProductCerts{Ark: root, Ask: ask}
	product, err := kds.ParseProductName(extensions.ProductName, abi.VcekReportSigner)
	if err != nil {
		return nil, err
	}
	line := kds.ProductLine(product)
	roots := trust.AMDRootCertsProduct(line)
	roots.ProductCerts = given
	result := map[string][]*trust.AMDRootCerts{line: {roots}}
	if vcek.Subject.CommonName == "SEV-VCEK" {
		return result, nil
	}
	if _, err := vcek.Verify(*given.X509Options(at, abi.VcekReportSigner)); err != nil {
		return nil, err
	}
	ark, newAsk, err := amdAuthorities(line, root)
	if err != nil {
		return nil, err
	}
	renamed, err := newAsk.rename(vcek, amdName("SEV-VCEK"), kdsExtensions, func(*x509.Certificate) {})
	if err != nil {
		return nil, err
	}
	chain.VcekCert, chain.AskCert, chain.ArkCert = renamed.Raw, newAsk.certificate.Raw, ark.certificate.Raw
	roots.ProductCerts = &trust.ProductCerts{Ark: ark.certificate, Ask: newAsk.certificate}
	return result, nil
}

// One key serves all of them: who issues is not what is tested here.
var amdKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

func amdAuthorities(line string, like *x509.Certificate) (ark, ask *authority, err error) {
	key, err := amdKey()
	if err != nil {
		return nil, nil, err
	}
	if ark, err = newRoot(amdName("ARK-"+line), key, like); err != nil {
		return nil, nil, err
	}
	ask, err = ark.newAuthority(amdName("SEV-"+line), key, like)
	return ark, ask, err
}

func amdName(common string) pkix.Name {
	return pkix.Name{
		Country: []string{"US"}, Locality: []string{"Santa Clara"}, Province: []string{"CA"},
		Organization: []string{"Advanced Micro Devices"}, OrganizationalUnit: []string{"Engineering"}, CommonName: common,
	}
}
