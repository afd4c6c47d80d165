package ui

// InstallTexts is what the server's page for administrators says, in one language.
// It is apart from [Texts] so that no part carries it. Names and signs are as there.
type InstallTexts struct {
	Name  string // of the language
	Title string
	Intro string
	Link  string // to the page, on the list of parts

	// What is asked.
	Page         string // over the questions about the host page
	Host         string
	HostHelp     string
	Key          string
	KeyHelp      string
	Hearing      string // over the questions about who hears the parts
	Scope        string
	ScopeDefault string
	ScopePage    string
	ScopeSession string
	ScopeUser    string
	ScopePlace   string
	ScopeTenant  string
	ScopeWorld   string
	Room         string
	RoomHelp     string
	Looks        string // over the questions about their looks
	Part         string
	Theme        string
	ThemeLight   string
	ThemeDark    string
	ThemeStrong  string
	Language     string
	AsBrowser    string // in the list of themes, and of languages
	Width        string
	Height       string
	Show         string // the button

	// Whether the site may show the parts.
	Allowed      string // the heading
	NoHost       string
	BadHost      string
	IsAllowedF   string // with the site
	IsOwnF       string
	IsNotF       string
	ByFlag       string // before the flag
	ByFile       string // before the line of the file
	ByFileF      string // with the tenant
	FramedF      string // with the site around the page
	NeedsKey     string
	UnknownKey   string
	TellOperator string

	// The snippets.
	Snippets string
	HTMLF    string // with the part's title
	Copy     string
	CopyF    string // with the part's title
	Copied   string
	NotTaken string // it could not be copied

	// What goes with them.
	Advice        string
	AdviceTitle   string
	AdviceAllow   string
	AdviceSandbox string // before the attribute
	AdviceKey     string
}

var englishInstall = InstallTexts{
	Name:  "English",
	Title: "Show parts on a page",
	Intro: "Say what the parts shall be like, and paste what you get wherever a page takes HTML. The page needs no script.",
	Link:  "Show parts on a page of yours",

	Page:         "The page",
	Host:         "Address of the page, or of its site",
	HostHelp:     "As your browser shows it. It is only looked up here, and kept nowhere.",
	Key:          "Embed key",
	KeyHelp:      "It says whose parts these are, and is no secret. Whoever runs this server has it.",
	Hearing:      "Who hears the parts",
	Scope:        "They are heard by",
	ScopeDefault: "whoever each part chooses",
	ScopePage:    "parts on the same page",
	ScopeSession: "parts on all pages in the same browser",
	ScopeUser:    "parts of the same user",
	ScopePlace:   "parts in the same room",
	ScopeTenant:  "all parts of the organisation",
	ScopeWorld:   "all parts of all organisations",
	Room:         "Name of the room",
	RoomHelp:     "Only where they are heard in the same room.",
	Looks:        "What they look like",
	Part:         "Parts",
	Theme:        "Colours",
	ThemeLight:   "light",
	ThemeDark:    "dark",
	ThemeStrong:  "high contrast",
	Language:     "Language",
	AsBrowser:    "as the reader’s browser asks",
	Width:        "Width in pixels",
	Height:       "Height in pixels",
	Show:         "Show the snippets",

	Allowed:      "May the page show them?",
	NoHost:       "Write the address of the page above to see whether it may.",
	BadHost:      "This is not the address of a page: it begins with https:// and a host.",
	IsAllowedF:   "Yes: %s is allowed.",
	IsOwnF:       "Yes: %s is the site of the parts themselves.",
	IsNotF:       "Not yet: %s is not allowed.",
	ByFlag:       "The server has to be started with:",
	ByFile:       "The tenants file has to have this line:",
	ByFileF:      "In the tenants file, the tenant %s has to have this line:",
	FramedF:      "This page itself is being shown by %s.",
	NeedsKey:     "This server has several tenants. Write an embed key above to get snippets.",
	UnknownKey:   "There is no such embed key here. Snippets with it would not work.",
	TellOperator: "Pass it on to whoever runs this server.",

	Snippets: "To paste",
	HTMLF:    "HTML of %s",
	Copy:     "Copy",
	CopyF:    "Copy the HTML of %s",
	Copied:   "Copied.",
	NotTaken: "The browser did not copy it. It is marked now: copy it yourself.",

	Advice:        "Good to know",
	AdviceTitle:   "Keep the title: screen readers call the part by it.",
	AdviceAllow:   "There is no allow attribute, because the parts use neither camera nor microphone nor location.",
	AdviceSandbox: "If the page wants a sandbox, the parts need these words in it:",
	AdviceKey:     "An embed key may stand in a page. A ticket may not, unless the page is made anew for each reader.",
}

var germanInstall = InstallTexts{
	Name:  "Deutsch",
	Title: "Parts auf einer Seite zeigen",
	Intro: "Sagen Sie, wie die Parts sein sollen, und fügen Sie das Ergebnis dort ein, wo eine Seite HTML annimmt. Die Seite braucht kein Skript.",
	Link:  "Parts auf einer eigenen Seite zeigen",

	Page:         "Die Seite",
	Host:         "Adresse der Seite oder ihrer Website",
	HostHelp:     "So, wie Ihr Browser sie zeigt. Sie wird hier nur nachgeschlagen und nirgends aufgehoben.",
	Key:          "Einbettungsschlüssel",
	KeyHelp:      "Er sagt, wessen Parts es sind, und ist nicht geheim. Wer diesen Server betreibt, hat ihn.",
	Hearing:      "Wer die Parts hört",
	Scope:        "Gehört werden sie von",
	ScopeDefault: "denen, die der Part von sich aus wählt",
	ScopePage:    "Parts auf derselben Seite",
	ScopeSession: "Parts auf allen Seiten im selben Browser",
	ScopeUser:    "Parts derselben Person",
	ScopePlace:   "Parts im selben Raum",
	ScopeTenant:  "allen Parts der Organisation",
	ScopeWorld:   "allen Parts aller Organisationen",
	Room:         "Name des Raums",
	RoomHelp:     "Nur, wenn sie im selben Raum gehört werden.",
	Looks:        "Wie sie aussehen",
	Part:         "Welche Parts",
	Theme:        "Farben",
	ThemeLight:   "hell",
	ThemeDark:    "dunkel",
	ThemeStrong:  "hoher Kontrast",
	Language:     "Sprache",
	AsBrowser:    "wie der Browser es wünscht",
	Width:        "Breite in Pixeln",
	Height:       "Höhe in Pixeln",
	Show:         "HTML zeigen",

	Allowed:      "Darf die Seite sie zeigen?",
	NoHost:       "Tragen Sie oben die Adresse der Seite ein, dann steht hier, ob sie darf.",
	BadHost:      "Das ist keine Adresse einer Seite: Sie beginnt mit https:// und einem Host.",
	IsAllowedF:   "Ja: %s ist erlaubt.",
	IsOwnF:       "Ja: %s ist die Website der Parts selbst.",
	IsNotF:       "Noch nicht: %s ist nicht erlaubt.",
	ByFlag:       "Der Server muss so gestartet werden:",
	ByFile:       "In der Datei der Mandanten muss diese Zeile stehen:",
	ByFileF:      "In der Datei der Mandanten muss beim Mandanten %s diese Zeile stehen:",
	FramedF:      "Diese Seite selbst wird gerade von %s gezeigt.",
	NeedsKey:     "Dieser Server hat mehrere Mandanten. Tragen Sie oben einen Einbettungsschlüssel ein, um HTML zu erhalten.",
	UnknownKey:   "Diesen Einbettungsschlüssel gibt es hier nicht. HTML mit ihm würde nicht funktionieren.",
	TellOperator: "Geben Sie das an die weiter, die diesen Server betreiben.",

	Snippets: "Zum Einfügen",
	HTMLF:    "HTML für %s",
	Copy:     "Kopieren",
	CopyF:    "HTML für %s kopieren",
	Copied:   "Kopiert.",
	NotTaken: "Der Browser hat nicht kopiert. Der Text ist jetzt markiert: Kopieren Sie ihn selbst.",

	Advice:        "Gut zu wissen",
	AdviceTitle:   "Lassen Sie das title stehen: So nennen Bildschirmleser den Part.",
	AdviceAllow:   "Es gibt kein allow, weil die Parts weder Kamera noch Mikrofon noch Standort brauchen.",
	AdviceSandbox: "Wenn die Seite eine Sandbox verlangt, brauchen die Parts darin diese Wörter:",
	AdviceKey:     "Ein Einbettungsschlüssel darf in einer Seite stehen. Ein Ticket nicht, außer die Seite wird für jeden Leser neu gemacht.",
}

var arabicInstall = InstallTexts{
	Name:  "العربية",
	Title: "عرض الأجزاء في صفحة",
	Intro: "حدّد كيف تكون الأجزاء، ثم الصق الناتج حيث تقبل الصفحة HTML. لا تحتاج الصفحة إلى أي نص برمجي.",
	Link:  "عرض الأجزاء في صفحة من صفحاتك",

	Page:         "الصفحة",
	Host:         "عنوان الصفحة أو موقعها",
	HostHelp:     "كما يظهر في متصفحك. يُستخدم هنا للتحقّق فقط ولا يُحفظ.",
	Key:          "مفتاح التضمين",
	KeyHelp:      "يحدّد صاحب هذه الأجزاء، وليس سرًّا. تجده لدى من يشغّل هذا الخادم.",
	Hearing:      "من يسمع الأجزاء",
	Scope:        "تسمعها",
	ScopeDefault: "من يختاره كل جزء بنفسه",
	ScopePage:    "الأجزاء في الصفحة نفسها",
	ScopeSession: "الأجزاء في كل صفحات المتصفح نفسه",
	ScopeUser:    "أجزاء المستخدم نفسه",
	ScopePlace:   "الأجزاء في الغرفة نفسها",
	ScopeTenant:  "كل أجزاء المؤسسة",
	ScopeWorld:   "كل أجزاء كل المؤسسات",
	Room:         "اسم الغرفة",
	RoomHelp:     "فقط إذا كانت تُسمع في الغرفة نفسها.",
	Looks:        "كيف تبدو",
	Part:         "الأجزاء",
	Theme:        "الألوان",
	ThemeLight:   "فاتحة",
	ThemeDark:    "داكنة",
	ThemeStrong:  "تباين عالٍ",
	Language:     "اللغة",
	AsBrowser:    "كما يطلب متصفح القارئ",
	Width:        "العرض بالبكسل",
	Height:       "الارتفاع بالبكسل",
	Show:         "عرض الشيفرة",

	Allowed:      "هل يُسمح للصفحة بعرضها؟",
	NoHost:       "اكتب عنوان الصفحة أعلاه لمعرفة ذلك.",
	BadHost:      "هذا ليس عنوان صفحة: يبدأ العنوان بـ https:// ثم اسم المضيف.",
	IsAllowedF:   "نعم: %s مسموح به.",
	IsOwnF:       "نعم: %s هو موقع الأجزاء نفسها.",
	IsNotF:       "ليس بعد: %s غير مسموح به.",
	ByFlag:       "يجب تشغيل الخادم بهذا الخيار:",
	ByFile:       "يجب أن يحتوي ملف المستأجرين على هذا السطر:",
	ByFileF:      "في ملف المستأجرين، يجب أن يكون لدى المستأجر %s هذا السطر:",
	FramedF:      "هذه الصفحة نفسها معروضة الآن من %s.",
	NeedsKey:     "لهذا الخادم عدة مستأجرين. اكتب مفتاح تضمين أعلاه للحصول على الشيفرة.",
	UnknownKey:   "لا يوجد مفتاح تضمين كهذا هنا. لن تعمل الشيفرة به.",
	TellOperator: "أرسل ذلك إلى من يشغّل هذا الخادم.",

	Snippets: "للّصق",
	HTMLF:    "شيفرة %s",
	Copy:     "نسخ",
	CopyF:    "نسخ شيفرة %s",
	Copied:   "تم النسخ.",
	NotTaken: "لم ينسخ المتصفح النص. إنه محدّد الآن: انسخه بنفسك.",

	Advice:        "من المفيد أن تعرف",
	AdviceTitle:   "أبقِ السمة title: بها تسمّي قارئات الشاشة الجزء.",
	AdviceAllow:   "لا توجد سمة allow لأن الأجزاء لا تستخدم الكاميرا ولا الميكروفون ولا الموقع الجغرافي.",
	AdviceSandbox: "إذا اشترطت الصفحة sandbox فإن الأجزاء تحتاج فيها إلى هذه الكلمات:",
	AdviceKey:     "يجوز أن يظهر مفتاح التضمين في صفحة. أما التذكرة فلا، إلا إذا كانت الصفحة تُنشأ من جديد لكل قارئ.",
}

// InstallTexts is what the page for administrators says in the language.
func (l Lang) InstallTexts() *InstallTexts {
	switch l {
	case German:
		return &germanInstall
	case Arabic:
		return &arabicInstall
	default:
		return &englishInstall
	}
}
