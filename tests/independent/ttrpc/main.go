// SPDX-License-Identifier: Apache-2.0

// independent-ttrpc calls methods of a ttrpc server, by containerd's own client.
//
//	independent-ttrpc [-parallel] SOCKET < CALLS > ANSWERS
//
// A call is a line {"service":…, "method":…, "message":{…}}, with "timeout":"50s" where the caller doesn't wait without
// end; "payload" in hexadecimal in place of "message" is sent as it is, to a method that messages.go need not know. All
// go over one connection, one after the other or, with -parallel, at once. For each, in their order, there is a line
// {"message":{…}} or {"payload":…}, or {"code":12, "reason":…}.
//
// Exit status: 0 all were sent, whatever the answers; 2 the request is wrong.
package main

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"github.com/containerd/ttrpc"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/dynamicpb"
)

type call struct {
	Service string          `json:"service"`
	Method  string          `json:"method"`
	Message json.RawMessage `json:"message"`
	Payload *string         `json:"payload"`
	Timeout string          `json:"timeout"`
}

type answer struct {
	Message json.RawMessage `json:"message,omitempty"`
	Payload *string         `json:"payload,omitempty"`
	Code    int             `json:"code,omitempty"`
	Reason  string          `json:"reason,omitempty"`
}

func main() {
	parallel := flag.Bool("parallel", false, "make all calls at once")
	flag.Parse()
	if err := run(flag.Args(), *parallel); err != nil {
		fmt.Fprintf(os.Stderr, "independent-ttrpc: %v\n", err)
		os.Exit(2)
	}
}

func run(arguments []string, parallel bool) error {
	if len(arguments) != 1 {
		return fmt.Errorf("found %d arguments, expected: [-parallel] SOCKET", len(arguments))
	}
	calls, err := read()
	if err != nil {
		return err
	}
	connection, err := net.Dial("unix", arguments[0])
	if err != nil {
		return err
	}
	client := ttrpc.NewClient(connection)
	defer client.Close()
	answers, failures := make([]answer, len(calls)), make([]error, len(calls))
	var all sync.WaitGroup
	for i := range calls {
		all.Add(1)
		one := func() {
			defer all.Done()
			answers[i], failures[i] = calls[i].make(client)
		}
		if parallel {
			go one()
		} else {
			one()
		}
	}
	all.Wait()
	for i := range answers {
		if failures[i] != nil {
			return fmt.Errorf("call %d: %v", i+1, failures[i])
		}
		line, err := json.Marshal(answers[i])
		if err != nil {
			return err
		}
		fmt.Println(string(line))
	}
	return nil
}

func read() (calls []call, err error) {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var one call
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			return nil, fmt.Errorf("call %d: %v", len(calls)+1, err)
		}
		calls = append(calls, one)
	}
	return calls, lines.Err()
}

// make makes the call; an error is one of the request, not an answer.
func (c *call) make(client *ttrpc.Client) (answer, error) {
	request, response, err := c.messages()
	if err != nil {
		return answer{}, err
	}
	ctx := context.Background()
	if c.Timeout != "" {
		timeout, err := time.ParseDuration(c.Timeout)
		if err != nil {
			return answer{}, err
		}
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	if err := client.Call(ctx, c.Service, c.Method, request, response); err != nil {
		said := status.Convert(err)
		return answer{Code: int(said.Code()), Reason: said.Message()}, nil
	}
	if c.Payload != nil {
		payload := hex.EncodeToString(response.ProtoReflect().GetUnknown())
		return answer{Payload: &payload}, nil
	}
	text, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(response)
	return answer{Message: text}, err
}

func (c *call) messages() (request, response *dynamicpb.Message, err error) {
	if c.Payload != nil {
		// A message without fields keeps what it doesn't know.
		payload, err := hex.DecodeString(*c.Payload)
		if err != nil {
			return nil, nil, err
		}
		request, response = dynamicpb.NewMessage(nothing), dynamicpb.NewMessage(nothing)
		request.ProtoReflect().SetUnknown(payload)
		return request, response, nil
	}
	known, found := methods[c.Service+"/"+c.Method]
	if !found {
		return nil, nil, fmt.Errorf("%s/%s: not in messages.go, give a payload", c.Service, c.Method)
	}
	request, response = dynamicpb.NewMessage(known.request), dynamicpb.NewMessage(known.response)
	if len(c.Message) > 0 {
		err = protojson.Unmarshal(c.Message, request)
	}
	return request, response, err
}
