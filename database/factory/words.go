package factory

// What is drawn from. The lists are data of the program that nothing computes.

var firstNames = []string{
	"Ada", "Adam", "Aisha", "Alan", "Alice", "Amir", "Ana", "Andrea", "Anna", "Anton", "Barbara", "Ben", "Carla",
	"Carlos", "Chen", "Clara", "Claude", "Dana", "David", "Diego", "Dora", "Edgar", "Elena", "Elias", "Emil",
	"Emma", "Erik", "Esther", "Eva", "Fatima", "Felix", "Flora", "Frida", "George", "Grace", "Greta", "Hana",
	"Hans", "Hedy", "Helen", "Hugo", "Ibrahim", "Ines", "Ingrid", "Ivan", "Jana", "John", "Joseph", "Julia",
	"Kai", "Karin", "Katherine", "Kenji", "Lara", "Lea", "Leo", "Lina", "Linus", "Louis", "Lucia", "Maria",
	"Marie", "Mark", "Mei", "Mila", "Milo", "Nadia", "Nina", "Noah", "Nora", "Olga", "Omar", "Oscar", "Otto",
	"Paul", "Petra", "Priya", "Rafael", "Rosa", "Ruth", "Samir", "Sara", "Simon", "Sofia", "Sven", "Tara", "Theo",
	"Thomas", "Tim", "Uma", "Vera", "Victor", "Vikram", "Wanda", "Yara", "Yusuf", "Zoe",
}

var lastNames = []string{
	"Abbas", "Ahmed", "Allen", "Andersson", "Archer", "Bauer", "Becker", "Bell", "Berg", "Bianchi", "Blake",
	"Brandt", "Brown", "Bruno", "Carter", "Castro", "Chang", "Clark", "Costa", "Cruz", "Curie", "Dahl", "Davies",
	"Diaz", "Dubois", "Dupont", "Engel", "Evans", "Farouk", "Fischer", "Foster", "Franklin", "Garcia", "Gauss",
	"Gomez", "Green", "Gupta", "Haas", "Hall", "Hansen", "Hopper", "Horvat", "Huber", "Hughes", "Ito", "Jansen",
	"Jensen", "Johnson", "Jones", "Kaya", "Keller", "Khan", "Kim", "Klein", "Kovacs", "Kumar", "Lamarr", "Lang",
	"Larsen", "Lee", "Lehmann", "Lima", "Lopez", "Lovelace", "Marino", "Martin", "Meyer", "Miller", "Moreau",
	"Mori", "Morris", "Murphy", "Nakamura", "Newton", "Nguyen", "Noether", "Novak", "Olsen", "Ortiz", "Park",
	"Patel", "Pereira", "Petrov", "Popov", "Reed", "Ricci", "Rivera", "Rossi", "Roux", "Santos", "Sato",
	"Schmidt", "Silva", "Singh", "Smith", "Sokolov", "Suzuki", "Tanaka", "Torres", "Turing", "Vega", "Wagner",
	"Walker", "Weber", "White", "Wolf", "Wright", "Yilmaz", "Young", "Zhang",
}

var companies = []string{
	"Ltd", "Inc", "GmbH", "Group", "Partners", "Labs", "Works", "Systems", "Foods", "Logistics", "Media",
	"Energy",
}

var streets = []string{
	"Street", "Avenue", "Road", "Lane", "Square", "Way", "Court", "Terrace",
}

var cities = []string{
	"Accra", "Amsterdam", "Athens", "Auckland", "Bangkok", "Barcelona", "Belgrade", "Berlin", "Bern", "Bogota",
	"Boston", "Brussels", "Budapest", "Cairo", "Chicago", "Copenhagen", "Dakar", "Dublin", "Geneva", "Hamburg",
	"Hanoi", "Helsinki", "Istanbul", "Jakarta", "Kyoto", "Lagos", "Lima", "Lisbon", "London", "Lyon", "Madrid",
	"Manila", "Melbourne", "Milan", "Montreal", "Mumbai", "Munich", "Nairobi", "Naples", "Osaka", "Oslo", "Paris",
	"Porto", "Prague", "Quito", "Rabat", "Riga", "Rome", "Santiago", "Seattle", "Seoul", "Sofia", "Stockholm",
	"Sydney", "Taipei", "Tallinn", "Tokyo", "Toronto", "Tunis", "Turin", "Vienna", "Vilnius", "Warsaw", "Zagreb",
	"Zurich",
}

var words = []string{
	"above", "account", "acorn", "amber", "answer", "apple", "arrow", "autumn", "bakery", "balance", "banner",
	"basket", "beacon", "bicycle", "blanket", "blossom", "border", "bottle", "branch", "breeze", "bridge",
	"bright", "bronze", "bucket", "button", "cabin", "candle", "canvas", "castle", "cedar", "chapter", "circle",
	"clever", "clock", "cloud", "coast", "coffee", "copper", "corner", "cotton", "cradle", "crystal", "curtain",
	"daily", "dancer", "desert", "distant", "dolphin", "dragon", "dream", "early", "earth", "eastern", "echo",
	"ember", "empty", "engine", "evening", "fabric", "falcon", "feather", "fence", "festival", "field", "fiddle",
	"flame", "forest", "fortune", "fountain", "frozen", "garden", "gather", "gentle", "giant", "ginger", "glass",
	"golden", "granite", "green", "harbor", "harvest", "hazel", "hidden", "hollow", "honest", "honey", "horizon",
	"island", "ivory", "jacket", "journey", "jungle", "kettle", "kitchen", "ladder", "lantern", "lemon", "letter",
	"linen", "little", "lucky", "magnet", "maple", "marble", "market", "meadow", "melody", "mirror", "modern",
	"morning", "mountain", "narrow", "nectar", "noble", "north", "notice", "ocean", "olive", "orange", "orchard",
	"paint", "paper", "parade", "pebble", "pencil", "pepper", "pilot", "planet", "pocket", "polite", "prairie",
	"quick", "quiet", "quilt", "rabbit", "rapid", "ribbon", "river", "rocket", "saddle", "saffron", "sailor",
	"salmon", "school", "season", "secret", "shadow", "silent", "silver", "simple", "sketch", "slender", "smooth",
	"spring", "stable", "station", "stone", "stream", "summer", "sunset", "tailor", "teapot", "thunder", "ticket",
	"timber", "tower", "travel", "tunnel", "umbrella", "valley", "velvet", "village", "violet", "voyage",
	"walnut", "water", "whisper", "willow", "window", "winter", "wonder", "wooden", "yellow",
}
