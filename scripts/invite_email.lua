-- The mail that invites somebody, a client or a member of staff: its words, and what it looks like.
--
-- To change it, copy this file into the folder `scripts` of your data folder and change the words
-- below; the next mail has them. When something in here fails, a plain built-in mail goes out
-- instead, and the invite says so.
--
-- data: workspaceName, accent (colour), kind ("client" or "internalUser": staff), role (of staff), givenName,
-- familyName, email, inviterName, message (personal words of the inviter, may be absent), days (how long
-- the link lives), link, locale.

local foyer = require("foyer")

-- Words by language: add one, or change these. %s is the name of the firm.
local words = {
  en = {
    subject = "Your invitation to the portal of %s",
    hello = "Hello %s,",
    body = "%s has invited you to its client portal: one place for everything you share.",
    team_subject = "Join the team of %s",
    team_body = "%s has invited you to join its team, and to work with its clients in the portal.",
    button = "Accept the invitation",
    plain = "Or copy this address into your browser:",
    days = "The link is good for %d days, and for you alone.",
    day = "The link is good for one day, and for you alone.",
    ignore = "If you did not expect this mail, simply ignore it.",
  },
  de = {
    subject = "Ihre Einladung in das Portal von %s",
    hello = "Guten Tag %s,",
    body = "%s hat Sie in sein Kundenportal eingeladen: ein Ort für alles, was Sie teilen.",
    team_subject = "Ihre Einladung in das Team von %s",
    team_body = "%s hat Sie in sein Team eingeladen, um im Portal mit seinen Kunden zu arbeiten.",
    button = "Einladung annehmen",
    plain = "Oder kopieren Sie diese Adresse in Ihren Browser:",
    days = "Der Link gilt %d Tage lang, und nur für Sie.",
    day = "Der Link gilt einen Tag lang, und nur für Sie.",
    ignore = "Haben Sie diese Mail nicht erwartet, übergehen Sie sie einfach.",
  },
  fr = {
    subject = "Votre invitation au portail de %s",
    hello = "Bonjour %s,",
    body = "%s vous invite sur son portail client : un seul endroit pour tout ce que vous partagez.",
    team_subject = "Rejoignez l'équipe de %s",
    team_body = "%s vous invite à rejoindre son équipe et à travailler avec ses clients sur le portail.",
    button = "Accepter l'invitation",
    plain = "Ou copiez cette adresse dans votre navigateur :",
    days = "Le lien est valable %d jours, et pour vous seul.",
    day = "Le lien est valable un jour, et pour vous seul.",
    ignore = "Si vous n'attendiez pas ce message, ignorez-le simplement.",
  },
  es = {
    subject = "Su invitación al portal de %s",
    hello = "Hola, %s:",
    body = "%s le invita a su portal de clientes: un solo lugar para todo lo que comparten.",
    team_subject = "Únase al equipo de %s",
    team_body = "%s le invita a unirse a su equipo y a trabajar con sus clientes en el portal.",
    button = "Aceptar la invitación",
    plain = "O copie esta dirección en su navegador:",
    days = "El enlace es válido durante %d días, y solo para usted.",
    day = "El enlace es válido durante un día, y solo para usted.",
    ignore = "Si no esperaba este correo, simplemente ignórelo.",
  },
}

-- The plain part.
local text = foyer.template.compile("invite.txt", [[
{{ hello }}

{{ body }}
{% if message ~= "" then %}

"{{ message }}"
{% if inviter ~= "" then %}
{{ inviter }}
{% end %}
{% end %}

{{ button }}:
{{ link }}

{{ life }}
{{ ignore }}
]], "text")

-- The part that most people see. {{ }} escapes: a name or message cannot bring HTML of its own.
local html = foyer.template.compile("invite.html", [[
<!doctype html>
<html lang="{{ language }}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{ subject }}</title></head>
<body style="margin:0;background:#f4f5f2;color:#1b2326;font:16px/1.5 system-ui,-apple-system,'Segoe UI',sans-serif">
<div style="max-width:34em;margin:0 auto;padding:32px 16px">
<div style="background:#ffffff;border-radius:10px;border-top:6px solid {{ accent }};padding:32px">
<p style="margin:0 0 16px">{{ hello }}</p>
<p style="margin:0 0 16px">{{ body }}</p>
{% if message ~= "" then %}
<blockquote style="margin:0 0 16px;padding:8px 16px;border-left:4px solid {{ accent }}">
<span style="white-space:pre-line">{{ message }}</span>
{% if inviter ~= "" then %}
<br><em>{{ inviter }}</em>
{% end %}
</blockquote>
{% end %}
<p style="margin:24px 0"><a href="{{ link }}" style="background:{{ accent }};color:{{ on_accent }};
 border-radius:8px;display:inline-block;font-weight:600;padding:12px 24px;text-decoration:none">{{ button }}</a></p>
<p style="margin:0 0 4px;font-size:14px;color:#566268">{{ plain }}</p>
<p style="margin:0 0 16px;font-size:14px;overflow-wrap:anywhere">
<a href="{{ link }}" style="color:#1b2326">{{ link }}</a></p>
<p style="margin:0;font-size:14px;color:#566268">{{ life }} {{ ignore }}</p>
</div>
<p style="margin:16px 0 0;font-size:14px;color:#566268;text-align:center">{{ firm }}</p>
</div>
</body>
</html>
]])

-- "pt-BR" is looked up as it is, then as "pt", then English.
local function words_of(locale)
  locale = locale or "en"
  local short = locale:match("^%a+") or "en"
  if words[locale] then return words[locale], locale end
  if words[short] then return words[short], short end
  return words.en, "en"
end

-- Black or white, whichever can be read on the colour.
local function readable_on(color)
  local r, g, b = color:match("^#(%x%x)(%x%x)(%x%x)$")
  if not r then return "#ffffff" end
  local function square(part)
    local value = tonumber(part, 16) / 255
    return value * value
  end
  local luminance = 0.2126 * square(r) + 0.7152 * square(g) + 0.0722 * square(b)
  return luminance > 0.2 and "#000000" or "#ffffff"
end

foyer.render("mail.invite", function(_, data)
  local say, language = words_of(data.locale)
  local accent = (data.accent or ""):match("^#%x%x%x%x%x%x$") or "#2f5d50"
  local days = data.days or 14
  local given = data.givenName or ""
  local is_staff = data.kind == "internalUser"
  local variables = {
    language = language,
    firm = data.workspaceName,
    subject = (is_staff and say.team_subject or say.subject):format(data.workspaceName),
    hello = say.hello:format(given),
    body = (is_staff and say.team_body or say.body):format(data.workspaceName),
    message = data.message or "",
    inviter = data.inviterName or "",
    button = say.button,
    plain = say.plain,
    life = days == 1 and say.day or say.days:format(days),
    ignore = say.ignore,
    link = data.link,
    accent = accent,
    on_accent = readable_on(accent),
  }
  return { subject = variables.subject, text = text(variables), html = html(variables) }
end)
