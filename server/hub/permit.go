package hub

// Permit asks now what [Publish] asks before it sends anything: whether there can be
// such a target, whether the caller may speak there, and whether what its rooms take
// in a second has room for one message more. Publishing to the target that it returns
// asks none of that again. It is for a handler that does something before it
// publishes which must not have been for nothing, such as to store it. Each Permit
// counts as one message, whether it is published or not.
//
// It gives ErrNotMounted, contract.ErrName and the [*access.Refusal] of Publish.
func (t Target) Permit() (Target, error) {
	if t.from.mux == nil || t.from.mux.core == nil {
		return Target{}, ErrNotMounted
	}
	if err := t.permit(); err != nil {
		return Target{}, err
	}
	return t, nil
}

// permit makes t one to which may be published, unless it is that already.
func (t *Target) permit() error {
	if t.permitted {
		return nil
	}
	if err := t.check(); err != nil {
		return err
	}
	if err := t.maySpeak(); err != nil {
		return err
	}
	charge, err := t.meterRooms()
	t.permitted, t.charge = err == nil, charge
	return err
}
