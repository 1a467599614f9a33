package databricks

import (
	"bytes"
	"encoding/hex"
	"testing"
)

// executed is the reply to a statement with two streams at once: status, handle, direct results with page, closed.
const executed = "80010002" + "00000010" + "457865637574655374617465" + "6d656e74" + "00000001" +
	"0c0000" + // success
	"0c0001" + "080001" + "00000000" + "00" + // status
	"0c0002" + "0c0001" + "0b0001" + "00000010" + "30313233343536373839616263646566" + "00" + "00" + // handle
	"0c0501" + // direct results
	"0c0003" + "020002" + "00" + // page, no more
	"0c0003" + "0a0001" + "0000000000000000" + // row set, from 0
	"0f0501" + "0c" + "00000002" + // inline streams
	"0b0001" + "00000002" + "abcd" + "0a0002" + "0000000000000003" + "00" +
	"0b0001" + "00000000" + "0a0002" + "0000000000000004" + "00" +
	"00" + "00" + // row set, page
	"0c0004" + "00" + // closed
	"00" + "00" + "00"

func TestReadReply(t *testing.T) {
	t.Parallel()
	body := unhex(t, executed)
	if got := methodOf(body); got != "ExecuteStatement" {
		t.Errorf("got method %q", got)
	}
	got, err := readReply(body)
	if err != nil {
		t.Fatal(err)
	}
	if got.operation != "30313233-3435-3637-3839-616263646566" || !got.closed || got.failed {
		t.Errorf("got %+v", got)
	}
	if got.page == nil || got.page.more || got.page.rows() != 7 || len(got.page.streams) != 2 {
		t.Errorf("got page %+v", got.page)
	}
	for n := range body {
		if _, err := readReply(body[:n]); err == nil {
			t.Errorf("a reply that breaks off after %d of %d bytes is read", n, len(body))
		}
	}
}

func TestReadReplyOfNoServer(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"<html>", "80010002", executed[:80] + "ff0001", "800100020000000047"} {
		body := []byte(text)
		if text != "<html>" {
			body = unhex(t, text)
		}
		if got, err := readReply(body); err == nil {
			t.Errorf("%s is read as %+v", text, got)
		}
	}
	deep := append(unhex(t, executed[:56]), bytes.Repeat([]byte{12, 0, 0}, 1000)...)
	if _, err := readReply(deep); err == nil {
		t.Error("a reply nested 1000 deep is read")
	}
}

func FuzzReadReply(f *testing.F) {
	f.Add(unhex(f, executed))
	f.Add([]byte("<html>"))
	f.Fuzz(func(t *testing.T, body []byte) {
		methodOf(body)
		got, err := readReply(body)
		if err == nil && got.page != nil && len(got.page.streams) > len(body) {
			t.Errorf("got %d streams in %d bytes", len(got.page.streams), len(body))
		}
	})
}

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	body, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return body
}
