package keys

// Reparse reads the content of a file and writes it again.
func Reparse(content []byte) (again []byte, err error) {
	p, err := parse(content)
	if err != nil {
		return nil, err
	}
	return p.text(), nil
}
