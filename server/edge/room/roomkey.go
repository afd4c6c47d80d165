package room

import "crypto/rand"

// keyRooms is where the key is by which the ids of pages and sessions become names of
// rooms.
const keyRooms = "meta/rooms"

// roomKey is the key of the object's own, which it keeps for good: who was in one room
// is there again after an eviction.
func roomKey(s Storage) ([]byte, error) {
	key, err := s.Get(keyRooms)
	if err != nil || len(key) > 0 {
		return key, err
	}
	key = make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	return key, s.Put(keyRooms, key)
}
