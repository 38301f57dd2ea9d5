package scaffold

// KeyVariable has the key that encrypts cookies and columns.
const KeyVariable = "APP_KEY"

// Secrets is the file .env.production.
type Secrets struct {
	Invented []string  // variables whose values are made up
	Values   []Setting // these values
	Wanted   []string  // variables that are left to be filled in
}

// NewSecrets returns .env.production.
func NewSecrets(s Secrets) ([]File, error) { return render("templates/secrets", s) }

// wanted are the secrets that somebody has to know, besides the key.
func (d Deployment) wanted() []string {
	var list []string
	for _, s := range d.Secrets {
		if s.Required && s.Name != KeyVariable {
			list = append(list, s.Name)
		}
	}
	return list
}

// invented is the key, if the application needs one.
func (d Deployment) invented() []string {
	for _, s := range d.Secrets {
		if s.Required && s.Name == KeyVariable {
			return []string{KeyVariable}
		}
	}
	return nil
}
