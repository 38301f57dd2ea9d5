package kittest

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
)

// Send sends form as JSON to target, as the forms of pages do, and asks for an answer in
// JSON: input that is refused is a 422 with its errors, not a redirect. Without a form,
// nil, the request has no body.
//
//	answer := client.Send(http.MethodPut, "/posts/7", map[string]any{"title": "New"})
func (c *Client) Send(method, target string, form any) *httptest.ResponseRecorder {
	c.tb.Helper()
	var body bytes.Buffer
	if form != nil {
		if err := json.NewEncoder(&body).Encode(form); err != nil {
			c.tb.Fatalf("the form for %s %s: %v", method, target, err)
		}
	}
	request := httptest.NewRequestWithContext(c.tb.Context(), method, target, &body)
	request.Header.Set("Accept", "application/json")
	if form != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	return c.Do(request)
}
