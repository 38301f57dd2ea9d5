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

// The singular and the plural of a word mean the same model and table, in any notation.
func TestTheTableOfAModelIsItsPlural(t *testing.T) {
	t.Parallel()
	for _, want := range []struct{ one, many, model, table string }{
		{"person", "people", "Person", "people"}, {"child", "children", "Child", "children"}, {"man", "men", "Man", "men"}, {"woman", "women", "Woman", "women"},
		{"foot", "feet", "Foot", "feet"}, {"tooth", "teeth", "Tooth", "teeth"}, {"goose", "geese", "Goose", "geese"}, {"mouse", "mice", "Mouse", "mice"},
		{"Person", "People", "Person", "people"}, {"SalesPerson", "SalesPeople", "SalesPerson", "sales_people"}, {"grand_child", "grand_children", "GrandChild", "grand_children"},
		{"policeman", "policemen", "Policeman", "policemen"}, {"human", "humans", "Human", "humans"}, {"specimen", "specimens", "Specimen", "specimens"},
		{"news", "news", "News", "news"}, {"series", "series", "Series", "series"}, {"species", "species", "Species", "species"}, {"sheep", "sheep", "Sheep", "sheep"},
		{"data", "data", "Data", "data"}, {"datum", "data", "Data", "data"}, {"media", "media", "Media", "media"}, {"equipment", "equipment", "Equipment", "equipment"},
		{"information", "information", "Information", "information"}, {"feedback", "feedbacks", "Feedback", "feedbacks"},
		{"status", "statuses", "Status", "statuses"}, {"address", "addresses", "Address", "addresses"}, {"bus", "buses", "Bus", "buses"},
		{"analysis", "analyses", "Analysis", "analyses"}, {"crisis", "crises", "Crisis", "crises"}, {"bonus", "bonuses", "Bonus", "bonuses"},
		{"virus", "viruses", "Virus", "viruses"}, {"canvas", "canvases", "Canvas", "canvases"}, {"lens", "lenses", "Lens", "lenses"}, {"alias", "aliases", "Alias", "aliases"},
		{"bias", "biases", "Bias", "biases"}, {"iris", "irises", "Iris", "irises"}, {"criterion", "criteria", "Criterion", "criteria"}, {"quota", "quotas", "Quota", "quotas"},
		{"shelf", "shelves", "Shelf", "shelves"}, {"knife", "knives", "Knife", "knives"}, {"leaf", "leaves", "Leaf", "leaves"}, {"hero", "heroes", "Hero", "heroes"},
		{"photo", "photos", "Photo", "photos"}, {"movie", "movies", "Movie", "movies"}, {"pie", "pies", "Pie", "pies"}, {"category", "categories", "Category", "categories"},
		{"index", "indices", "Index", "indices"}, {"quiz", "quizzes", "Quiz", "quizzes"}, {"menu", "menus", "Menu", "menus"}, {"box", "boxes", "Box", "boxes"},
		{"class", "classes", "Class", "classes"}, {"process", "processes", "Process", "processes"}, {"BlogPost", "blog_posts", "BlogPost", "blog_posts"},
		{"APIKey", "api_keys", "APIKey", "api_keys"}, {"url", "urls", "URL", "urls"}, {"http_url", "http_urls", "HTTPURL", "http_urls"}, {"oauth2_client", "Oauth2Clients", "Oauth2Client", "oauth2_clients"},
		{"OS", "os", "OS", "os"}, {"DNS", "dns", "DNS", "dns"}, {"HTTPS", "https", "HTTPS", "https"}, {"TLS", "tls", "TLS", "tls"}, {"UserOS", "user_os", "UserOS", "user_os"},
		{"SMS", "sms", "Sms", "sms"}, {"GPS", "gps", "Gps", "gps"}, {"SAS", "sas", "Sas", "sas"}, {"CSS", "css", "CSS", "csses"},
	} {
		for _, name := range []string{want.one, want.many, want.table} {
			table := TableName(name)
			if model := modelName(table); table != want.table || model != want.model {
				t.Errorf("%s is the model %s of the table %s, want %s of %s", name, model, table, want.model, want.table)
			}
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
