package modelgen

import "testing"

func TestTheModelOfATableIsItsSingular(t *testing.T) {
	t.Parallel()
	for table, want := range map[string]string{
		"notes": "Note", "images": "Image", "roles": "Role", "pages": "Page", "types": "Type", "addresses": "Address",
		"movies": "Movie", "news": "News", "statuses": "Status", "users": "User", "people": "Person", "children": "Child",
		"categories": "Category", "boxes": "Box", "classes": "Class", "caches": "Cache", "archives": "Archive", "drives": "Drive",
		"shelves": "Shelf", "lives": "Life", "houses": "House", "purchases": "Purchase", "courses": "Course", "buses": "Bus",
		"bonuses": "Bonus", "viruses": "Virus", "canvases": "Canvas", "canvas": "Canvas", "heroes": "Hero", "shoes": "Shoe",
		"data": "Data", "metadata": "Metadata", "media": "Media", "analyses": "Analysis", "indices": "Index", "series": "Series",
		"quizzes": "Quiz", "menus": "Menu", "keys": "Key", "invoices": "Invoice", "databases": "Database", "responses": "Response",
		"licenses": "License", "expenses": "Expense", "cookies": "Cookie", "photos": "Photo", "bonus": "Bonus", "address": "Address",
		"user_addresses": "UserAddress", "api_keys": "APIKey", "urls": "URL", "http_logs": "HTTPLog", "BlogPosts": "BlogPost",
		"oauth2_clients": "Oauth2Client", "2fa_codes": "X2faCode", "名前": "X名前", "éclairs": "Éclair", "%": "X", "": "X",
	} {
		if got := modelName(table); got != want {
			t.Errorf("modelName(%q) = %q, want %q", table, got, want)
		}
	}
}

func TestTheFieldOfAColumnIsInGosStyle(t *testing.T) {
	t.Parallel()
	for column, want := range map[string]string{
		"id": "ID", "user_id": "UserID", "api_url": "APIURL", "urls": "URLs", "userId": "UserID", "HTTPServer": "HTTPServer",
		"type": "Type", "a": "A", "created_at": "CreatedAt", "utf8_name": "UTF8Name", "_x__y_": "XY", "line1": "Line1", "ids": "IDs",
	} {
		if got := goName(column); got != want {
			t.Errorf("goName(%q) = %q, want %q", column, got, want)
		}
	}
}

func TestPluralsOfModels(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Post": "Posts", "Category": "Categories", "BlogPost": "BlogPosts", "APIKey": "APIKeys", "News": "News", "Person": "People",
		"Shelf": "Shelves", "Cache": "Caches", "Bonus": "Bonuses", "Address": "Addresses", "Status": "Statuses", "Life": "Lives",
	} {
		if got := pluralName(name); got != want {
			t.Errorf("pluralName(%q) = %q, want %q", name, got, want)
		}
	}
}

// Go leaves files of some names out of the build.
func TestFilesAreInEveryBuild(t *testing.T) {
	t.Parallel()
	for model, want := range map[string]string{
		"Post": "post.go", "BlogPost": "blog_post.go", "Test": "test.go", "UnitTest": "unit_test_model.go",
		"BuildLinux": "build_linux_model.go", "CPUArm64": "cpu_arm64_model.go", "UserGen": "user_gen_model.go",
	} {
		if got := ownFile(model); got != want {
			t.Errorf("ownFile(%q) = %q, want %q", model, got, want)
		}
	}
	for table, want := range map[string]string{"posts": "posts", "_posts": "posts", ".posts": "posts", "My Posts": "my_posts", "%": "table", "größen": "größen"} {
		if got := fileName(table); got != want {
			t.Errorf("fileName(%q) = %q, want %q", table, got, want)
		}
	}
}

func TestSecretsAreLeftOutOfJSON(t *testing.T) {
	t.Parallel()
	for column, want := range map[string]bool{
		"password": true, "remember_token": true, "api_token": true, "client_secret": true, "password_hash": true, "token": true, "apiToken": true,
		"tokens_used": false, "secretary": false, "password_changed_at": false, "file_hash": false, "": false,
	} {
		if got := secret(column); got != want {
			t.Errorf("secret(%q) = %v, want %v", column, got, want)
		}
	}
}
