-- The mails about a person's own account: a forgotten password, a changed one, an accepted invitation.
--
-- To change them, copy this file into the folder `scripts` of your data folder and change the words.
-- data: workspaceName, accent, givenName, personName (who accepted), link (reset only), locale.

local foyer = require("foyer")

-- Words by language. %s is the name of the firm, or of the person who accepted.
local words = {
  en = {
    hello = "Hello %s,",
    reset = {
      subject = "Set a new password for the portal of %s",
      body = "somebody asked for a new password for your account in the portal of %s. If it was you, set one here:",
      button = "Set a new password",
      after = "The link is good for one hour and can be used once. If it was not you, ignore this mail: "
        .. "your password stays as it is.",
    },
    password_changed = {
      subject = "Your password for the portal of %s was changed",
      body = "the password of your account in the portal of %s was changed just now. "
        .. "Every other session has ended.",
      after = "If it was not you, answer the sign-in page with \"Forgotten your password?\" at once, and tell us.",
    },
    invite_accepted = {
      subject = "%s has accepted your invitation",
      body = "%s has accepted your invitation and is signed in for the first time.",
      after = "",
    },
  },
  de = {
    hello = "Guten Tag %s,",
    reset = {
      subject = "Neues Passwort für das Portal von %s",
      body = "jemand hat um ein neues Passwort für Ihr Konto im Portal von %s gebeten. "
        .. "Waren Sie das, setzen Sie es hier:",
      button = "Neues Passwort setzen",
      after = "Der Link gilt eine Stunde und einmal. Waren Sie das nicht, übergehen Sie diese Mail: "
        .. "Ihr Passwort bleibt, wie es ist.",
    },
    password_changed = {
      subject = "Ihr Passwort für das Portal von %s wurde geändert",
      body = "das Passwort Ihres Kontos im Portal von %s wurde soeben geändert, alle anderen Sitzungen sind beendet.",
      after = "Waren Sie das nicht, wählen Sie auf der Anmeldeseite gleich \"Passwort vergessen?\", "
        .. "und sagen Sie es uns.",
    },
    invite_accepted = {
      subject = "%s hat Ihre Einladung angenommen",
      body = "%s hat Ihre Einladung angenommen und ist zum ersten Mal angemeldet.",
      after = "",
    },
  },
}

local text = foyer.template.compile("account.txt", [[
{{ hello }}

{{ body }}
{% if link ~= "" then %}

{{ link }}
{% end %}
{% if after ~= "" then %}

{{ after }}
{% end %}

{{ firm }}
]], "text")

local html = foyer.template.compile("account.html", [[
<!doctype html>
<html lang="{{ language }}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{ subject }}</title></head>
<body style="margin:0;background:#f4f5f2;color:#1b2326;font:16px/1.5 system-ui,-apple-system,'Segoe UI',sans-serif">
<div style="max-width:34em;margin:0 auto;padding:32px 16px">
<div style="background:#ffffff;border-radius:10px;border-top:6px solid {{ accent }};padding:32px">
<p style="margin:0 0 16px">{{ hello }}</p>
<p style="margin:0 0 16px">{{ body }}</p>
{% if link ~= "" then %}
<p style="margin:24px 0"><a href="{{ link }}" style="color:#1b2326;font-weight:600">{{ button }}</a></p>
<p style="margin:0 0 16px;font-size:14px;overflow-wrap:anywhere">{{ link }}</p>
{% end %}
<p style="margin:0;font-size:14px;color:#566268">{{ after }}</p>
</div>
<p style="margin:16px 0 0;font-size:14px;color:#566268;text-align:center">{{ firm }}</p>
</div>
</body>
</html>
]])

local function words_of(locale)
  local short = (locale or "en"):match("^%a+")
  if words[short] then return words[short], short end
  return words.en, "en"
end

local function mail(kind)
  foyer.render("mail." .. kind, function(_, data)
    local say, language = words_of(data.locale)
    local about = kind == "invite_accepted" and data.personName or data.workspaceName
    local variables = {
      language = language,
      firm = data.workspaceName,
      accent = (data.accent or ""):match("^#%x%x%x%x%x%x$") or "#2f5d50",
      subject = say[kind].subject:format(about),
      hello = say.hello:format(data.givenName or ""),
      body = say[kind].body:format(about),
      button = say[kind].button or "",
      after = say[kind].after,
      link = data.link or "",
    }
    return { subject = variables.subject, text = text(variables), html = html(variables) }
  end)
end

mail("reset")
mail("password_changed")
mail("invite_accepted")
