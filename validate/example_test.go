package validate_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/kitgo/kit/validate"
)

func Example() {
	type line struct {
		Product string `json:"product" validate:"required"`
		Count   int    `json:"count" validate:"between=1 99"`
	}
	type order struct {
		Email string `json:"email" label:"e-mail address" validate:"required,email"`
		Gift  bool   `json:"gift"`
		Note  string `json:"note" validate:"required_if=Gift true,max=200"`
		Lines []line `json:"lines" validate:"required"`
	}
	err := validate.New(nil).Struct(context.Background(), order{Email: "ada@example", Gift: true, Lines: []line{{"tea", 1}, {"", 100}}})
	if errs, ok := errors.AsType[validate.Errors](err); ok {
		for _, f := range errs {
			fmt.Println(f.Field+":", f.Message)
		}
	}
	// Output:
	// email: The e-mail address must be a valid e-mail address.
	// note: The note is required when gift is true.
	// lines.1.product: The product is required.
	// lines.1.count: The count must be between 1 and 99.
}
