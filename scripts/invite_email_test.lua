-- Tests of invite_email.lua: what the invitation says. `foyer script test scripts/invite_email_test.lua`.

local test = require("test")

local function invitation(changes)
  local data = {
    workspaceName = "Rocket Agency", accent = "#224466", givenName = "Ann", familyName = "Lee",
    email = "ann@example.com", inviterName = "Bob Boss", days = 14, link = "https://x.example/invite/abc",
  }
  for name, value in pairs(changes or {}) do data[name] = value end
  return data
end

local function has(t, text, part)
  if not text:find(part, 1, true) then t.fail("\"" .. part .. "\" is not in: " .. text) end
end

test("both parts have the firm, the person and the link", function(t)
  local mail = t.render("mail.invite", invitation())

  t.equal(mail.subject, "Your invitation to the portal of Rocket Agency")
  for _, part in ipairs { "Ann", "Rocket Agency", "https://x.example/invite/abc", "14 days" } do
    has(t, mail.text, part)
    has(t, mail.html, part)
  end
end)

test("staff is invited to the team", function(t)
  for _, locale in ipairs { "en", "de", "fr", "es" } do
    local mail = t.render("mail.invite", invitation { kind = "internalUser", role = "Staff", locale = locale })
    local client = t.render("mail.invite", invitation { kind = "client", locale = locale })

    has(t, mail.subject, "Rocket Agency")
    has(t, mail.text, "https://x.example/invite/abc")
    if mail.subject == client.subject or mail.text == client.text then t.fail("the words of " .. locale) end
  end
  local mail = t.render("mail.invite", invitation { kind = "internalUser" })
  t.equal(mail.subject, "Join the team of Rocket Agency")
  has(t, mail.html, "join its team")
end)

test("personal words stand in it, and cannot bring HTML", function(t)
  local mail = t.render("mail.invite", invitation { message = "Hello <b>you</b>\nand you" })

  has(t, mail.text, "Hello <b>you</b>\nand you")
  has(t, mail.html, "Hello &lt;b&gt;you&lt;/b&gt;")
  has(t, mail.html, "Bob Boss")
end)

test("it speaks the language of the workspace, or English", function(t)
  local function subject(locale) return t.render("mail.invite", invitation { locale = locale }).subject end

  t.equal(subject("de"), "Ihre Einladung in das Portal von Rocket Agency")
  t.equal(subject("de-AT"), subject("de"))
  t.equal(subject("tlh"), subject("en"))
end)

test("a colour that is none does no harm", function(t)
  local mail = t.render("mail.invite", invitation { accent = "red;background:url(x)" })

  t.equal(mail.html:find("url(x)", 1, true), nil)
end)
