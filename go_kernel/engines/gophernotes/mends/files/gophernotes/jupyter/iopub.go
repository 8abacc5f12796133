// SPDX-License-Identifier: MIT

package jupyter

import (
	"errors"
	"fmt"

	"github.com/gopherdata/gophernotes/zmtp"
)

// publish tells everyone something about a request.
func (s *Server) publish(kind string, parent *request, content any) error {
	frames, err := s.composeFor(s.topic(kind), kind, parent, content)
	if err != nil {
		return err
	}
	s.iopub.Publish(zmtp.Message{Frames: frames})
	return nil
}

// publishUrgent is publish for what is small and must not wait for slow clients.
func (s *Server) publishUrgent(kind string, parent *request, content any) {
	frames, err := s.composeFor(s.topic(kind), kind, parent, content)
	if err != nil {
		s.log.Printf("%s: %v", kind, err)
		return
	}
	s.iopub.Publish(zmtp.Message{Frames: frames, Urgent: true})
}

// topic is what can be subscribed to; clients that subscribe to less than everything know
// ipykernel's names.
func (s *Server) topic(kind string) string { return "kernel." + s.session + "." + kind }

// composeFor makes a message with its topic.
func (s *Server) composeFor(
	topic, kind string, parent *request, content any,
) ([][]byte, error) {
	frames, err := s.signer.compose(s.newHeader(kind), parent, nil, content)
	if err != nil {
		return nil, err
	}
	return append([][]byte{[]byte(topic)}, frames...), nil
}

// publishStatus tells everyone that the kernel is busy or idle: an interrupt must not wait
// until slow clients have read what was printed.
func (s *Server) publishStatus(state string, parent *request) {
	s.publishUrgent("status", parent, map[string]any{"execution_state": state})
}

// welcome makes the message that tells a client that its subscription is in force.
// ref: https://jupyter.org/enhancement-proposals/65-jupyter-xpub/jupyter-xpub.html
func (s *Server) welcome(topic []byte) [][]byte {
	content := map[string]any{"subscription": string(topic)}
	frames, err := s.signer.compose(s.newHeader("iopub_welcome"), nil, nil, content)
	if err != nil {
		s.log.Printf("iopub_welcome: %v", err)
	}
	return append([][]byte{topic}, frames...)
}

// Stream publishes output of the cell that runs, or else of the one that ran last; name is
// stdout or stderr. It waits while clients are behind. One that has stopped reading misses
// output, and is told how much when it reads again.
func (s *Server) Stream(name, text string) {
	if text == "" {
		return
	}
	parent := s.output.Load()
	s.iopub.Publish(zmtp.Message{
		Frames: s.stream(name, text, parent),
		Notice: func(bytes int) [][]byte { return s.stream("stderr", skipped(bytes), parent) },
		Bytes:  len(text),
	})
}

// stream makes the message; two strings are always JSON.
func (s *Server) stream(name, text string, parent *request) [][]byte {
	content := map[string]any{"name": name, "text": text}
	frames, err := s.composeFor("stream."+name, "stream", parent, content)
	if err != nil {
		s.log.Printf("stream: %v", err)
	}
	return frames
}

func skipped(bytes int) string {
	return fmt.Sprintf(
		"\n[%.1f MB of output are left out here: this client had stopped reading it]\n",
		float64(bytes)/1e6,
	)
}

// Display shows something, or replaces what was shown under the same display_id, which is
// then in b.Transient.
func (s *Server) Display(b Bundle, update bool) error {
	kind := "display_data"
	if update {
		kind = "update_display_data"
		if id, _ := b.Transient["display_id"].(string); id == "" {
			return errors.New("what is to be replaced needs a display_id")
		}
	}
	content := b.fields()
	content["transient"] = orEmpty(b.Transient)
	return s.publish(kind, s.output.Load(), content)
}

// ClearOutput removes the cell's output; with wait, when there is new one to replace it.
func (s *Server) ClearOutput(wait bool) {
	err := s.publish("clear_output", s.output.Load(), map[string]any{"wait": wait})
	if err != nil {
		s.log.Printf("clear_output: %v", err)
	}
}

// Fail shows an error that no reply can tell of, since its cell has ended.
func (s *Server) Fail(f Failure) {
	if err := s.publish("error", s.output.Load(), f.fields()); err != nil {
		s.log.Printf("error: %v", err)
	}
}

func (b *Bundle) fields() map[string]any {
	return map[string]any{"data": orEmpty(b.Data), "metadata": orEmpty(b.Metadata)}
}

func orEmpty(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}
