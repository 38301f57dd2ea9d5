package factory_test

import (
	"fmt"

	"github.com/kitgo/kit/database/factory"
)

type Guest struct{ Name, City string }

func Example() {
	guests := factory.New(func(f *factory.Fake) Guest { return Guest{f.Name(), f.City()} }).Seed(1)
	romans := guests.With(func(g *Guest) { g.City = "Rome" })
	for _, g := range append(guests.MakeMany(2), romans.Make()) {
		fmt.Println(g.Name, "from", g.City)
	}
	// Output:
	// Nora Diaz from Naples
	// Diego Garcia from Montreal
	// Ruth Abbas from Rome
}
