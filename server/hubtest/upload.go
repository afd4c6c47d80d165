package hubtest

import (
	"reflect"

	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// Values are an upload of those values, one after the other.
func Values[T any](values ...T) contract.Upload[T] {
	return contract.Upload[T]{Values: func(yield func(T, error) bool) {
		for _, v := range values {
			if !yield(v, nil) {
				return
			}
		}
	}}
}

// upload sends what an upload of the call has, until it ends or the call does.
func (c *Client) upload(call, id string, u contract.Argument, field reflect.Value) {
	end := wire.Message{Kind: wire.Completion, InvocationID: []byte(id)}
	if values := field.FieldByName("Values"); !values.IsNil() {
		if err := c.sendItems(call, id, u, values); err != nil {
			end.HasError, end.Error = true, []byte(err.Error())
		}
	}
	_ = c.write(&end)
}

// sendItems sends values and gives the error that is the last of them.
func (c *Client) sendItems(call, id string, u contract.Argument, values reflect.Value) error {
	plan, err := wire.PlanOf(u.Type)
	if err != nil {
		return err
	}
	for v, failed := range values.Seq2() {
		if err, ok := reflect.TypeAssert[error](failed); ok {
			return err
		}
		raw, err := wire.JSON.AppendValue(nil, plan, v)
		if err != nil {
			return err
		}
		if c.ended(call) {
			return nil
		}
		if err := c.write(&wire.Message{Kind: wire.StreamItem, InvocationID: []byte(id), Value: raw}); err != nil {
			return err
		}
	}
	return nil
}

// ended tells whether a call was answered, so that nobody takes its uploads.
func (c *Client) ended(call string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.streams[call]
	return call != "" && c.answers[call] == nil && (s == nil || s.over)
}
