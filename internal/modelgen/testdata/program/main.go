// Command program writes and reads rows of the models that were made from the schema
// of a test. It is compiled in a module of its own, beside them.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"example.com/shop/models"
	"github.com/kitgo/kit/database"
)

func main() {
	if err := run(context.Background(), os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("ok")
}

func run(ctx context.Context, url string) error {
	db, err := database.Open(url, nil)
	if err != nil {
		return err
	}
	return errors.Join(relations(ctx, db), values(ctx, db), odd(ctx, db), orders(ctx, db), db.Close())
}

// expect returns an error that names what is not as it should be.
func expect(what string, ok bool) error {
	if ok {
		return nil
	}
	return errors.New(what + " is wrong")
}

func relations(ctx context.Context, db *database.DB) error {
	boss := models.User{Email: "boss", Password: "x"}
	err := database.Insert(ctx, db, &boss)
	clerk := models.User{Email: "clerk", Password: "x", ManagerID: &boss.ID, Active: true}
	err = errors.Join(err, database.Insert(ctx, db, &clerk))
	profile := models.Profile{UserID: clerk.ID}
	top := models.Category{}
	err = errors.Join(err, database.Insert(ctx, db, &profile), database.Insert(ctx, db, &top))
	sub := models.Category{ParentID: &top.ID, Name: "sub"}
	err = errors.Join(err, database.Insert(ctx, db, &sub))
	post := models.Post{AuthorID: clerk.ID, EditorID: &boss.ID, CategoryID: sub.ID, Title: "t"}
	tag := models.Tag{Type: "a"}
	err = errors.Join(err, database.Insert(ctx, db, &post), database.Insert(ctx, db, &tag))
	err = errors.Join(err,
		database.Insert(ctx, db, &models.PostTag{PostID: post.ID, TagID: tag.ID}),
		database.Insert(ctx, db, &models.Follower{UserID: boss.ID, FollowerID: clerk.ID}),
		expect("a default that is text", top.Name == "it's" && boss.APIURL == "https"),
		expect("a default that is true", !boss.Active && boss.Subscribed != nil && *boss.Subscribed),
	)
	if err != nil {
		return err
	}
	b, err := database.From[models.User](db).With("EditorPosts.Author").With("ManagerUsers").With("Followers").Find(ctx, boss.ID)
	if err != nil {
		return err
	}
	c, err := database.From[models.User](db).With("Profile.User").With("Manager").With("Users").With("AuthorPosts").Find(ctx, clerk.ID)
	if err != nil {
		return err
	}
	p, err := database.From[models.Post](db).With("Tags.Posts").With("Category.Parent.Children").With("Editor").Find(ctx, post.ID)
	if err != nil {
		return err
	}
	if err := database.Delete(ctx, db, &post); err != nil {
		return err
	}
	left, err := database.From[models.Post](db).Count(ctx)
	return errors.Join(err,
		expect("has-many", len(b.EditorPosts) == 1 && b.EditorPosts[0].Author.Email == "clerk" && len(c.AuthorPosts) == 1),
		expect("has-many of the same table", len(b.ManagerUsers) == 1 && c.Manager.Email == "boss"),
		expect("many-to-many of the same table", len(b.Followers) == 1 && b.Followers[0].ID == clerk.ID && len(c.Users) == 1),
		expect("has-one", c.Profile != nil && c.Profile.User.ID == clerk.ID),
		expect("many-to-many", len(p.Tags) == 1 && len(p.Tags[0].Posts) == 1),
		expect("belongs-to", p.Category.Parent.Children[0].ID == sub.ID && p.Editor.ID == boss.ID),
		expect("soft delete", left == 0),
	)
}

func values(ctx context.Context, db *database.DB) error {
	const key = "0189f7ea-ae2c-7809-8aeb-b819cf5e9e7f"
	born := time.Date(1990, 5, 6, 0, 0, 0, 0, time.UTC)
	in := models.Value{Key: key, Views: 1 << 40, Price: "12.5", Birthday: &born, Photo: []byte{0, 1}, Weight: 2.25}
	if err := database.Insert(ctx, db, &in); err != nil {
		return err
	}
	out, err := database.From[models.Value](db).Find(ctx, key)
	if err != nil {
		return err
	}
	return errors.Join(
		expect("a number", out.Views == 1<<40 && out.Stock == 7 && out.Sold == 0 && out.Rank == nil && out.Weight == 2.25 && out.Sum == 2),
		expect("a decimal: "+out.Price, (out.Price == "12.5" || out.Price == "12.50") && out.Discount == nil),
		expect("a time", out.Birthday.Equal(born) && out.SoldAt == nil && time.Since(out.OpenedAt).Abs() < time.Hour),
		expect("bytes", bytes.Equal(out.Photo, []byte{0, 1}) && out.Thumbnail == nil),
		expect("text: "+out.Comma, out.Comma == "a, b"),
	)
}

func odd(ctx context.Context, db *database.DB) error {
	word := "word"
	in := models.X2OddName{Func: "f", X2fa: &word, Größe: &word, X名前: &word, WithSpace: &word, AB: &word, QuoTe: &word, BackTick: &word, UserID2: &word, BaseModel2: &word, X: &word, Default: &word}
	if err := database.Insert(ctx, db, &in); err != nil {
		return err
	}
	out, err := database.From[models.X2OddName](db).First(ctx)
	if err != nil {
		return err
	}
	before, _ := json.Marshal(in)
	after, _ := json.Marshal(out)
	return expect("a row with odd names: "+string(after), bytes.Equal(before, after))
}

func orders(ctx context.Context, db *database.DB) error {
	size := models.OrderSizeM
	in := models.Order{Size: &size, Meta: json.RawMessage(`{"a": 1}`)}
	if err := database.Insert(ctx, db, &in); err != nil {
		return err
	}
	in.Status = models.OrderStatusItSPaid
	if err := database.Update(ctx, db, &in); err != nil {
		return err
	}
	out, err := database.From[models.Order](db).Find(ctx, in.ID)
	if err != nil {
		return err
	}
	var meta map[string]int
	return errors.Join(
		json.Unmarshal(out.Meta, &meta),
		expect("an enum", out.Status == "it's paid" && *out.Size == "M"),
		expect("JSON", meta["a"] == 1 && out.Extra == nil),
		expect("a column that is computed", out.Total != nil && *out.Total > 0),
	)
}
