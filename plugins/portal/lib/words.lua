-- The words of the pages, by language. A language that is not here is answered in English; a sentence
-- that a language lacks as well.
local words = {}

local en = {
  language = "en",
  skip = "Skip to the content",
  invite_title = "Your invitation",
  password_title = "Choose a password",
  sign_in_title = "Sign in",
  forgot_title = "Forgotten password",
  home_title = "Home",
  problem_title = "Something went wrong",
  welcome = "Welcome",
  invited_to = "has invited you to its portal. Choose a password, and you are in.",
  your_address = "Your email address",
  password = "Password",
  new_password = "New password",
  password_hint = "At least 12 characters. A few words that belong together only for you are easiest.",
  accept = "Accept and sign in",
  expired = "This link has expired",
  expired_text = "Links live for a limited time only. We gladly send a fresh one to the address that was invited.",
  used = "This link was used already",
  used_text = "If that was you, sign in with your password. "
    .. "If not, we gladly send a fresh link to the invited address.",
  cancelled = "This invitation was withdrawn",
  cancelled_text = "Please ask whoever invited you.",
  unknown = "This link is not complete",
  unknown_text = "Please open it again from the mail, or copy it whole.",
  renew = "Send me a fresh link",
  renewed = "A fresh link is on its way",
  renewed_text = "If the link was good once, look into the mailbox of the invited address in a few minutes.",
  save = "Save the password",
  save_and_enter = "Save and sign in",
  done = "Your password is set",
  done_text = "You can sign in with it now.",
  to_sign_in = "To the sign-in page",
  email = "Email address",
  sign_in = "Sign in",
  forgot = "Forgotten your password?",
  forgot_text = "Tell us your address, and we send a link by which you can set a new password.",
  send = "Send the link",
  sent = "Look into your mailbox",
  sent_text = "If somebody here has this address, a mail with a link is on its way to it. "
    .. "The link is good for one hour.",
  hello = "Hello",
  home_client = "This is your portal. What concerns you will appear here.",
  home_staff = "You are signed in as staff. "
    .. "Use the API with your key, or the commands, to create clients and invite them.",
  nothing_waits = "Nothing waits for you at the moment.",
  signed_in_as = "Signed in as",
  sign_out = "Sign out",
  back_home = "To the start",
  request = "If you ask for help, name this number:",
}

local de = {
  language = "de",
  skip = "Zum Inhalt springen",
  invite_title = "Ihre Einladung",
  password_title = "Passwort wählen",
  sign_in_title = "Anmelden",
  forgot_title = "Passwort vergessen",
  home_title = "Start",
  problem_title = "Etwas ist schiefgegangen",
  welcome = "Willkommen",
  invited_to = "hat Sie in sein Portal eingeladen. Wählen Sie ein Passwort, und Sie sind drin.",
  your_address = "Ihre E-Mail-Adresse",
  password = "Passwort",
  new_password = "Neues Passwort",
  password_hint = "Mindestens 12 Zeichen. Am einfachsten sind ein paar Wörter, die nur für Sie zusammengehören.",
  accept = "Annehmen und anmelden",
  expired = "Dieser Link ist abgelaufen",
  expired_text = "Links gelten nur eine Zeit lang. Gern senden wir einen neuen an die eingeladene Adresse.",
  used = "Dieser Link wurde schon benutzt",
  used_text = "Waren Sie das, melden Sie sich mit Ihrem Passwort an. "
    .. "Sonst senden wir gern einen neuen Link an die eingeladene Adresse.",
  cancelled = "Diese Einladung wurde zurückgezogen",
  cancelled_text = "Bitte fragen Sie, wer Sie eingeladen hat.",
  unknown = "Dieser Link ist nicht vollständig",
  unknown_text = "Bitte öffnen Sie ihn noch einmal aus der Mail, oder kopieren Sie ihn ganz.",
  renew = "Neuen Link senden",
  renewed = "Ein neuer Link ist unterwegs",
  renewed_text = "War der Link einmal gültig, sehen Sie in ein paar Minuten in das Postfach der eingeladenen "
    .. "Adresse.",
  save = "Passwort speichern",
  save_and_enter = "Speichern und anmelden",
  done = "Ihr Passwort ist gesetzt",
  done_text = "Sie können sich nun damit anmelden.",
  to_sign_in = "Zur Anmeldung",
  email = "E-Mail-Adresse",
  sign_in = "Anmelden",
  forgot = "Passwort vergessen?",
  forgot_text = "Nennen Sie uns Ihre Adresse, und wir senden einen Link, mit dem Sie ein neues Passwort setzen.",
  send = "Link senden",
  sent = "Sehen Sie in Ihr Postfach",
  sent_text = "Hat hier jemand diese Adresse, ist eine Mail mit einem Link unterwegs. Der Link gilt eine Stunde.",
  hello = "Guten Tag",
  home_client = "Das ist Ihr Portal. Was Sie betrifft, erscheint hier.",
  home_staff = "Sie sind als Mitarbeiter angemeldet. "
    .. "Legen Sie mit der API oder den Befehlen Kunden an und laden Sie sie ein.",
  nothing_waits = "Zurzeit wartet nichts auf Sie.",
  signed_in_as = "Angemeldet als",
  sign_out = "Abmelden",
  back_home = "Zum Anfang",
  request = "Wenn Sie um Hilfe bitten, nennen Sie diese Nummer:",
}

local languages = { en = en, de = de }

-- Filled up once, at load: states are frozen afterwards.
for _, language in pairs(languages) do
  for key, sentence in pairs(en) do
    if language[key] == nil then
      language[key] = sentence
    end
  end
end

-- "pt-BR" is looked up as "pt-BR", then as "pt", then English.
function words.of(locale)
  locale = locale or "en"
  return languages[locale] or languages[locale:match("^%a+")] or en
end

return words
