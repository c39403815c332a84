# What a script mails goes out with the change that it belongs to, and with no other
proves: A14

workspace "Rocket Agency" owned by owner@example.com

write scripts/office.lua
local foyer = require("foyer")

foyer.filter("client.create", function(_, client)
  foyer.mail.queue {
    to = "office@example.com",
    subject = "New client: " .. client.familyName,
    text = client.givenName .. " " .. client.familyName .. " is new.\n\"Say hello.\"\n",
    html = "<p>" .. foyer.text.html(client.givenName) .. " is new.</p>",
  }
  if client.familyName == "Nobody" then return foyer.reject("no_nobody", "No.") end
end)
end of file
api POST /v1/plugins/reload
=> 200
api POST /v1/clients
  {"givenName": "Bob", "familyName": "Nobody", "email": "bob@example.com"}
=> 422
api POST /v1/clients
  {"givenName": "Jörg", "familyName": "Lee", "email": "joerg@example.com"}
=> 200
mail to office@example.com
  subject ~ New client: Lee
  text ~ Jörg Lee is new.
no more mail to office@example.com

# what cannot be a mail is told at once, and nothing is made
write scripts/office.lua
local foyer = require("foyer")

foyer.filter("client.create", function()
  foyer.mail.queue { to = "office@example.com", subject = "New\nBcc: all@example.com", text = "Hello" }
end)
end of file
api POST /v1/plugins/reload
=> 200
api POST /v1/clients
  {"givenName": "Cid", "familyName": "Lee", "email": "cid@example.com"}
=> 503
  code = "rule_error"
api GET /v1/clients?givenName=Cid
=> 200
  data has 0 entries
no more mail to office@example.com
