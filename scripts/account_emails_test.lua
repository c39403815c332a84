-- Tests of account_emails.lua: what mails about an account say.

local test = require("test")

local function has(t, text, part)
  if not text:find(part, 1, true) then t.fail("\"" .. part .. "\" is not in: " .. text) end
end

local data = {
  workspaceName = "Rocket Agency", accent = "#224466", givenName = "Ann", personName = "Jane Doe",
  link = "https://x.example/reset/abc",
}

test("the mail for a new password has the link, and says how long it is good", function(t)
  local mail = t.render("mail.reset", data)

  t.equal(mail.subject, "Set a new password for the portal of Rocket Agency")
  for _, part in ipairs { "Ann", "https://x.example/reset/abc", "one hour" } do
    has(t, mail.text, part)
    has(t, mail.html, part)
  end
end)

test("a changed password is told without a link", function(t)
  local mail = t.render("mail.password_changed", { workspaceName = "Rocket Agency", givenName = "Ann" })

  has(t, mail.text, "was changed just now")
  t.equal(mail.text:find("http", 1, true), nil)
  t.equal(mail.html:find("href", 1, true), nil)
end)

test("the inviter reads who came", function(t)
  t.equal(t.render("mail.invite_accepted", data).subject, "Jane Doe has accepted your invitation")
end)

test("names cannot bring HTML", function(t)
  local evil = {}
  for name, value in pairs(data) do evil[name] = value end
  evil.givenName, evil.personName, evil.workspaceName = "<i>", "<u>", "<s>"

  for _, name in ipairs { "mail.reset", "mail.password_changed", "mail.invite_accepted" } do
    local html = t.render(name, evil).html
    for _, tag in ipairs { "<i>", "<u>", "<s>" } do t.equal(html:find(tag, 1, true), nil) end
  end
end)
