package modelgen

import (
	"fmt"
	"slices"
	"strings"
)

// inventions are what stands for a string, by the last word of the column's name or by
// all of it.
var inventions = map[string]string{
	"name": "f.Name()", "first_name": "f.FirstName()", "last_name": "f.LastName()", "username": "f.Username()", "login": "f.Username()",
	"email": "f.Email()", "phone": "f.Phone()", "mobile": "f.Phone()", "company": "f.Company()", "company_name": "f.Company()",
	"street": "f.Street()", "address": "f.Street()", "city": "f.City()", "url": "f.URL()", "link": "f.URL()", "website": "f.URL()",
	"title": "f.Words(3)", "subject": "f.Words(3)", "headline": "f.Words(3)", "summary": "f.Sentence()", "excerpt": "f.Sentence()",
	"body": "f.Paragraph()", "content": "f.Paragraph()", "text": "f.Paragraph()", "description": "f.Paragraph()", "bio": "f.Paragraph()", "notes": "f.Paragraph()",
	"uuid": "f.UUID()", "guid": "f.UUID()", "token": "f.UUID()", "secret": "f.UUID()", "password": "f.UUID()", "key": "f.UUID()",
	"slug": `fmt.Sprintf("%s-%d", f.Word(), f.Number())`, "price": decimal, "amount": decimal, "total": decimal, "cost": decimal, "balance": decimal, "discount": decimal,
}

const decimal = `fmt.Sprintf("%d.%02d", f.Int(1, 999), f.Int(0, 99))`

// invent returns the Go expression of what a factory puts into a field; "" for one that
// it leaves alone: what may be null, and what the database or Kit fills.
func (s *structs) invent(f modelField) string {
	switch {
	case f.relation != "" || f.has("autoincrement") || f.has("default") || f.has("scanonly") || f.has("soft_delete") || f.has("nullzero"),
		slices.Contains([]string{"created_at", "updated_at", "deleted_at"}, f.column):
		return ""
	}
	unique := f.has("pk") || f.has("unique")
	switch f.typ {
	case "string":
		return inventString(f, unique)
	case "bool":
		return "f.Bool()"
	case "int":
		return inventInt(unique)
	case "int8", "int16", "int32", "int64", "uint", "uint8", "uint16", "uint32", "uint64":
		return fmt.Sprintf("%s(%s)", f.typ, inventInt(unique))
	case "float32":
		return "float32(f.Float(1, 100))"
	case "float64":
		return "f.Float(1, 100)"
	case "time.Time":
		return "f.Date(time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))"
	case "json.RawMessage":
		return "json.RawMessage(`{}`)"
	case "[]byte":
		return "[]byte(f.Word())"
	}
	if constants := s.constants[f.typ]; len(constants) > 0 {
		return fmt.Sprintf("factory.Pick(f, %s.%s)", s.pkg, strings.Join(constants, ", "+s.pkg+"."))
	}
	return ""
}

func inventInt(unique bool) string {
	if unique {
		return "f.Number()"
	}
	return "f.Int(1, 100)"
}

func inventString(f modelField, unique bool) string {
	list := words(f.column)
	if len(list) == 0 {
		return "f.Word()"
	}
	v, ok := inventions[f.column]
	if !ok {
		v, ok = inventions[list[len(list)-1]]
	}
	switch {
	case unique && f.has("pk"):
		return "f.UUID()"
	case unique && !slices.Contains([]string{"f.Email()", "f.UUID()", inventions["slug"]}, v):
		return `fmt.Sprintf("%s %d", f.Word(), f.Number())`
	case ok:
		return v
	}
	return "f.Word()"
}
