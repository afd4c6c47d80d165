package ui

// Texts is what Partline says to people, in one language. A field whose name
// ends in F is a format with one %s. No text holds a quotation mark ("), a backslash
// or a character that does not print: go-app writes the attributes of
// pre-rendered pages as Go string literals, and escapes these the Go way.
type Texts struct {
	// The state of the connection.
	Starting      string // before the program runs
	Loading       string // what the bar is called that shows how far it is
	LoadFailed    string
	Stopped       string // the program has crashed
	Connecting    string
	Connected     string
	Reconnecting  string
	Disconnected  string
	DisconnectedF string // with the reason

	// Behind Connected: over which transport.
	OverWebSockets string
	OverEvents     string
	OverPolling    string

	// A log.
	Messages   string // what the log is called
	NoMessages string
	Newest     string // the button that shows the last line

	// A box that sends.
	Message string // what the box is called
	Hint    string // what stands in the empty box
	Send    string

	// Why something was not done.
	NotConnected string
	NotConfirmed string
	TooLong      string
	RefusedF     string // with the hub's words
	NotDone      string
	TextKept     string // appended where the box still holds the text

	// Around a part.
	OpenAsApp string
	AllParts  string
	NoScript  string

	// Pages of the server.
	PartsIntro     string
	OpenPart       string
	NotFound       string
	NotFoundText   string
	NotAllowed     string
	NotAllowedF    string // with the host page's origin
	NotBuilt       string
	NotBuiltText   string
	Offline        string
	OfflineText    string
	TryAgain       string
	BackToAllParts string
}

var english = Texts{
	Starting:      "Starting…",
	Loading:       "Loading",
	LoadFailed:    "This part could not be started. Check the connection and load the page again.",
	Stopped:       "This part has stopped. Load the page again.",
	Connecting:    "Connecting…",
	Connected:     "Connected",
	Reconnecting:  "Connection lost. Reconnecting…",
	Disconnected:  "Disconnected",
	DisconnectedF: "Disconnected: %s",

	OverWebSockets: "over WebSockets",
	OverEvents:     "over server-sent events",
	OverPolling:    "over long polling",

	Messages:   "Messages",
	NoMessages: "No messages yet.",
	Newest:     "Show newest",

	Message: "Message",
	Hint:    "Write a message",
	Send:    "Send",

	NotConnected: "Not sent: there is no connection to the hub.",
	NotConfirmed: "Not confirmed: the connection was lost before the hub answered, so it may or may not have arrived.",
	TooLong:      "Not sent: it is longer than the hub takes.",
	RefusedF:     "The hub refused it: %s",
	NotDone:      "That did not work. Please try again.",
	TextKept:     "Your text is still here; send it again when you like.",

	OpenAsApp: "Open as app",
	AllParts:  "All parts",
	NoScript:  "This part needs JavaScript and WebAssembly, which are switched off in this browser.",

	PartsIntro:     "Parts that you can open here or show on a page of your own.",
	OpenPart:       "Open",
	NotFound:       "There is no such page",
	NotFoundText:   "The address may be mistyped, or the part has been renamed.",
	NotAllowed:     "Not allowed yet",
	NotAllowedF:    "This page’s site, %s, is not allowed yet. Ask your administrator to add it.",
	NotBuilt:       "The parts are not built yet",
	NotBuiltText:   "This server was built without its WebAssembly program. Run make build, then start it again.",
	Offline:        "You are offline",
	OfflineText:    "The hub cannot be reached from here right now. Parts open again as soon as it can.",
	TryAgain:       "Try again",
	BackToAllParts: "Show all parts",
}

var german = Texts{
	Starting:      "Wird gestartet…",
	Loading:       "Wird geladen",
	LoadFailed:    "Dieser Part konnte nicht gestartet werden. Prüfen Sie die Verbindung und laden Sie die Seite neu.",
	Stopped:       "Dieser Part ist stehen geblieben. Laden Sie die Seite neu.",
	Connecting:    "Verbindung wird aufgebaut…",
	Connected:     "Verbunden",
	Reconnecting:  "Verbindung verloren. Wird neu aufgebaut…",
	Disconnected:  "Getrennt",
	DisconnectedF: "Getrennt: %s",

	OverWebSockets: "über WebSockets",
	OverEvents:     "über Server-Sent Events",
	OverPolling:    "über Long Polling",

	Messages:   "Nachrichten",
	NoMessages: "Noch keine Nachrichten.",
	Newest:     "Neueste zeigen",

	Message: "Nachricht",
	Hint:    "Nachricht schreiben",
	Send:    "Senden",

	NotConnected: "Nicht gesendet: Es besteht keine Verbindung zum Hub.",
	NotConfirmed: "Nicht bestätigt: Die Verbindung ging verloren, bevor der Hub geantwortet hat; ob es angekommen ist, ist offen.",
	TooLong:      "Nicht gesendet: Es ist länger, als der Hub annimmt.",
	RefusedF:     "Der Hub hat abgelehnt: %s",
	NotDone:      "Das hat nicht geklappt. Bitte noch einmal versuchen.",
	TextKept:     "Der Text steht noch im Feld und kann erneut gesendet werden.",

	OpenAsApp: "Als App öffnen",
	AllParts:  "Alle Parts",
	NoScript:  "Dieser Part braucht JavaScript und WebAssembly, die in diesem Browser ausgeschaltet sind.",

	PartsIntro:     "Parts, die sich hier öffnen oder auf einer eigenen Seite zeigen lassen.",
	OpenPart:       "Öffnen",
	NotFound:       "Diese Seite gibt es nicht",
	NotFoundText:   "Vielleicht ist die Adresse vertippt, oder der Part wurde umbenannt.",
	NotAllowed:     "Noch nicht erlaubt",
	NotAllowedF:    "Die Website dieser Seite, %s, ist noch nicht erlaubt. Bitten Sie Ihre Administration, sie aufzunehmen.",
	NotBuilt:       "Die Parts sind noch nicht gebaut",
	NotBuiltText:   "Dieser Server wurde ohne sein WebAssembly-Programm gebaut. Führen Sie make build aus und starten Sie ihn neu.",
	Offline:        "Sie sind offline",
	OfflineText:    "Der Hub ist von hier aus gerade nicht erreichbar. Sobald er es ist, öffnen sich die Parts wieder.",
	TryAgain:       "Noch einmal versuchen",
	BackToAllParts: "Alle Parts zeigen",
}

var arabic = Texts{
	Starting:      "جارٍ البدء…",
	Loading:       "جارٍ التحميل",
	LoadFailed:    "تعذّر تشغيل هذا الجزء. تحقّق من الاتصال ثم أعد تحميل الصفحة.",
	Stopped:       "توقّف هذا الجزء عن العمل. أعد تحميل الصفحة.",
	Connecting:    "جارٍ الاتصال…",
	Connected:     "متصل",
	Reconnecting:  "انقطع الاتصال. جارٍ إعادة الاتصال…",
	Disconnected:  "غير متصل",
	DisconnectedF: "غير متصل: %s",

	OverWebSockets: "عبر WebSockets",
	OverEvents:     "عبر Server-Sent Events",
	OverPolling:    "عبر Long Polling",

	Messages:   "الرسائل",
	NoMessages: "لا توجد رسائل بعد.",
	Newest:     "عرض الأحدث",

	Message: "الرسالة",
	Hint:    "اكتب رسالة",
	Send:    "إرسال",

	NotConnected: "لم تُرسَل: لا يوجد اتصال بالموزّع.",
	NotConfirmed: "لم يتأكد الإرسال: انقطع الاتصال قبل أن يجيب الموزّع، فربما وصلت وربما لم تصل.",
	TooLong:      "لم تُرسَل: إنها أطول مما يقبله الموزّع.",
	RefusedF:     "رفضها الموزّع: %s",
	NotDone:      "لم ينجح ذلك. حاول مرة أخرى.",
	TextKept:     "ما زال النص في مكانه ويمكن إرساله من جديد.",

	OpenAsApp: "فتح كتطبيق",
	AllParts:  "كل الأجزاء",
	NoScript:  "يحتاج هذا الجزء إلى JavaScript وWebAssembly، وهما معطّلان في هذا المتصفح.",

	PartsIntro:     "أجزاء يمكنك فتحها هنا أو عرضها في صفحة من صفحاتك.",
	OpenPart:       "فتح",
	NotFound:       "هذه الصفحة غير موجودة",
	NotFoundText:   "ربما كُتب العنوان خطأً، أو تغيّر اسم الجزء.",
	NotAllowed:     "غير مسموح بعد",
	NotAllowedF:    "موقع هذه الصفحة، %s، غير مسموح به بعد. اطلب من المسؤول إضافته.",
	NotBuilt:       "لم تُبنَ الأجزاء بعد",
	NotBuiltText:   "بُني هذا الخادم من دون برنامج WebAssembly الخاص به. شغّل make build ثم أعد تشغيله.",
	Offline:        "أنت غير متصل بالشبكة",
	OfflineText:    "لا يمكن الوصول إلى الموزّع الآن. ستعود الأجزاء فور توفّره.",
	TryAgain:       "حاول مرة أخرى",
	BackToAllParts: "عرض كل الأجزاء",
}
