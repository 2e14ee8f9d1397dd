// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// The services of Confidential Containers' guest components: method, fields of the request, fields of the response. Written
// from what those components say on the wire, not from the descriptions that our programs are made of. The number of a
// field is its place. An enumeration is written as the int32 that it is on the wire.
var described = map[string][][3]string{
	"attestation_agent.AttestationAgentService": {
		{"GetEvidence", "bytes RuntimeData", "bytes Evidence"},
		{"GetAdditionalEvidence", "bytes RuntimeData", "bytes Evidence"},
		{"GetToken", "string TokenType", "bytes Token"},
		{"ExtendRuntimeMeasurement", "string Domain, string Operation, string Content, uint64 RegisterIndex", "int32 Result"},
		{"BindInitData", "bytes Digest", ""},
		{"GetTeeType", "", "string tee"},
		{"GetAdditionalTees", "", "strings additional_tees"},
	},
	"api.SealedSecretService": {{"UnsealSecret", "bytes secret", "bytes plaintext"}},
	"api.GetResourceService":  {{"GetResource", "string ResourcePath", "bytes Resource"}},
	"api.SecureMountService": {
		{"SecureMount", "string volume_type, map options, strings flags, string mount_point", ""},
	},
	"api.ImagePullService": {{"PullImage", "string image_url, string bundle_path", "string manifest_digest"}},
	"keyprovider.KeyProviderService": {
		{"WrapKey", "bytes KeyProviderKeyWrapProtocolInput", "bytes KeyProviderKeyWrapProtocolOutput"},
		{"UnWrapKey", "bytes KeyProviderKeyWrapProtocolInput", "bytes KeyProviderKeyWrapProtocolOutput"},
	},
	// The tests' own.
	"test.Echo": {
		{"Echo", "bytes data, string more", "bytes data, string more"},
		{"Left", "", "uint64 milliseconds"},
		{"Nothing", "bytes data", "bytes data"},
	},
	"test.Nobody": {{"Echo", "bytes data", "bytes data"}},
}

type method struct{ request, response protoreflect.MessageDescriptor }

// methods by "service/method".
var methods = describe()

// nothing is a message without fields.
var nothing = message("")

func describe() map[string]method {
	all := map[string]method{}
	for service, list := range described {
		for _, one := range list {
			all[service+"/"+one[0]] = method{message(one[1]), message(one[2])}
		}
	}
	return all
}

// message makes a description of one message. Of proto2, where a field that was set is sent, even if it is zero.
func message(fields string) protoreflect.MessageDescriptor {
	made := &descriptorpb.DescriptorProto{Name: proto.String("Message")}
	for i, field := range strings.Split(fields, ", ") {
		if field == "" {
			continue
		}
		kind, name, _ := strings.Cut(field, " ")
		made.Field = append(made.Field, describeField(made, kind, name, int32(i+1)))
	}
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name: proto.String("message.proto"), Syntax: proto.String("proto2"), MessageType: []*descriptorpb.DescriptorProto{made},
	}, nil)
	if err != nil {
		panic(fmt.Sprintf("%s: %v", fields, err))
	}
	return file.Messages().Get(0)
}

func describeField(in *descriptorpb.DescriptorProto, kind, name string, number int32) *descriptorpb.FieldDescriptorProto {
	field := &descriptorpb.FieldDescriptorProto{
		Name: proto.String(name), JsonName: proto.String(name), Number: proto.Int32(number),
		Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(),
	}
	switch kind {
	case "bytes":
		field.Type = descriptorpb.FieldDescriptorProto_TYPE_BYTES.Enum()
	case "string":
		field.Type = descriptorpb.FieldDescriptorProto_TYPE_STRING.Enum()
	case "strings":
		field.Type = descriptorpb.FieldDescriptorProto_TYPE_STRING.Enum()
		field.Label = descriptorpb.FieldDescriptorProto_LABEL_REPEATED.Enum()
	case "uint64":
		field.Type = descriptorpb.FieldDescriptorProto_TYPE_UINT64.Enum()
	case "int32":
		field.Type = descriptorpb.FieldDescriptorProto_TYPE_INT32.Enum()
	case "map":
		entry := strings.ToUpper(name[:1]) + name[1:] + "Entry"
		in.NestedType = append(in.NestedType, &descriptorpb.DescriptorProto{
			Name:    proto.String(entry),
			Options: &descriptorpb.MessageOptions{MapEntry: proto.Bool(true)},
			Field: []*descriptorpb.FieldDescriptorProto{
				describeField(nil, "string", "key", 1), describeField(nil, "string", "value", 2),
			},
		})
		field.Type = descriptorpb.FieldDescriptorProto_TYPE_MESSAGE.Enum()
		field.TypeName = proto.String(".Message." + entry)
		field.Label = descriptorpb.FieldDescriptorProto_LABEL_REPEATED.Enum()
	default:
		panic("kind " + kind)
	}
	return field
}
