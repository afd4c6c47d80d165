package export_test

import (
	"time"

	"partline.dev/shared/connected"
	"partline.dev/shared/contract"
)

// The shop has something of everything.

var shop = contract.NewHub("shop")

type (
	// Size is an enum.
	Size uint8

	// Grade is an integer and no enum.
	Grade int

	// Article is what is sold.
	Article struct {
		ID        int64
		Name      string
		Photo     []byte
		Since     time.Time
		Sizes     []Size
		Prices    map[string]float64
		Best      *Grade
		Stock     uint16
		Elsewhere *Article
	}

	search struct {
		Words []string
		Limit int `arg:"optional"`
	}
	order struct {
		Article Article
		Count   int32
	}
	photos struct {
		ID     int64
		Photos contract.Upload[[]byte]
		Notes  contract.Upload[string]
	}
	confirmation struct{ Text string }
)

// The sizes.
const (
	Small Size = iota + 1
	Large
)

// EnumNames are the names of the sizes.
func (Size) EnumNames() map[int64]string {
	return map[int64]string{int64(Small): "Small", int64(Large): "Large"}
}

var shopAPI = contract.NewAPI(shop,
	contract.NewMethod[order, int64](shop, "Order"),
	contract.NewMethod[contract.None, contract.None](shop, "Leave"),
	contract.NewMethod[photos, int](shop, "Upload"),
	contract.NewStream[search, Article](shop, "Search"),
	contract.NewEvent[order](shop, "ordered"),
	contract.NewQuery[confirmation, bool](shop, "confirm"),
)

// Corners of the contract.

var corners = contract.NewHub("2-odd.corners_of", contract.ClassicName("corners"))

type (
	// Promise would hide what TypeScript calls so.
	Promise struct{ Kept bool }

	// Tree contains itself.
	Tree struct {
		Value    contract.RawJSON
		Children []Tree
		Parent   *Tree
		ByName   map[string]*Tree
		ÄrgerNo1 int //nolint:asciicheck // Go has such names, and so have peers
	}

	// Flags is an enum with a negative value and an unsightly name.
	Flags int16

	// Page is generic.
	Page[T any] struct {
		Items []T
		Next  *string
	}

	words struct{ Default, This, URL, Url string }
	late  struct {
		First  int
		Maybe  bool `arg:"optional"`
		Upload contract.Upload[[]byte]
	}
	aFlag struct{ Flag Flags }
	one   struct{ A int }
	two   struct {
		A Page[Promise]
		B [][]*Flags
	}
)

// EnumNames are names that try to leave their comment and their quotes.
func (Flags) EnumNames() map[int64]string {
	return map[int64]string{-1: "None*/", 2: `Quo"te`}
}

var cornersAPI = contract.NewAPI(corners,
	contract.NewMethod[words, Tree](corners, `quo"te\d`),
	contract.NewMethod[late, struct {
		At   time.Time
		Done contract.None
	}](corners, "Late"),
	contract.NewMethod[one, int](corners, "Add", contract.Overload()),
	contract.NewMethod[contract.None, contract.None](corners, "add", contract.Overload()),
	contract.NewMethod[two, Page[Tree]](corners, "ADD", contract.Overload()),
	contract.NewMethod[contract.None, Send](corners, "Here"),
	contract.NewMethod[contract.None, connected.Send](corners, "There"),
	contract.NewStream[aFlag, contract.None](corners, "constructor"),
	contract.NewQuery[contract.None, contract.None](corners, "ready?"),
)

// Send has the name of another.
type Send struct{ Where struct{} }
