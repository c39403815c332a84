# A plugin with a fault changes nothing: all faults are told with their lines, and mails go out in plain words
proves: X2, X1

workspace "Rocket Agency" owned by owner@example.com with the demo

write plugins/letters/plugin.json
{ "id": "letters", "name": "Letters", "version": "1.0", "api": 1,
  "provides": { "render": ["mail.invite"] }, "order": { "before": ["invite_email"] },
  "settings": { "hello": { "type": "text", "default": "Hello", "max": 40 } } }
end of file
write plugins/letters/main.lua
local foyer = require("foyer")
local body = foyer.template.load("templates/invite.txt")

foyer.render("mail.invite", function(ctx, data)
  return { subject = ctx.settings.hello .. " from letters", text = body({ link = data.link }) }
end)
end of file
write plugins/letters/templates/invite.txt
Open {{ link }}
end of file
api POST /v1/plugins/reload
=> 200
api PATCH /v1/plugins/letters
  {"settings": {"hello": "Welcome"}}
=> 200

api POST /v1/clients?sendInvite=true
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com"}
=> 200
mail to ann@example.com
  subject = "Welcome from letters"

# a manifest from the future, with a word that nobody knows
write plugins/letters/plugin.json
{ "id": "letters", "name": "Letters", "version": "2.0", "api": 2,
  "provides": { "render": ["mail.invite"] },
  "colour": "red" }
end of file
api POST /v1/plugins/reload
=> 422
  errors.0.message ~ letters/plugin.json:1: it needs level 2 of the API, and this program has 1: update it
  errors.1.message ~ letters/plugin.json:3: "colour" is unknown here
foyer plugin list --data DATA
=> 0
  stdout ~ Letters
api POST /v1/clients?sendInvite=true
  {"givenName": "Bea", "familyName": "Lee", "email": "bea@example.com"}
=> 200
mail to bea@example.com
  subject = "Welcome from letters"

# a circle is printed
write plugins/letters/plugin.json
{ "id": "letters", "name": "Letters", "version": "1.0", "api": 1,
  "provides": { "render": ["mail.invite"] }, "order": { "before": ["invite_email"], "after": ["invite_email"] } }
end of file
api POST /v1/plugins/reload
=> 422
  errors.0.message ~ goes in a circle

# a text to render that is not there, and one that it does not provide
write plugins/letters/plugin.json
{ "id": "letters", "name": "Letters", "version": "1.0", "api": 1, "provides": { "render": ["mail.invyte"] } }
end of file
api POST /v1/plugins/reload
=> 422
  errors.0.message ~ letters/main.lua:4: plugin.json does not list it: add "render": ["mail.invite"] to "provides"

# a template that misses a variable fails when it is asked: the plain mail goes out, and says why
write plugins/letters/plugin.json
{ "id": "letters", "name": "Letters", "version": "1.1", "api": 1,
  "provides": { "render": ["mail.invite"] }, "order": { "before": ["invite_email"] },
  "settings": { "hello": { "type": "text", "default": "Hello", "max": 40 } } }
end of file
write plugins/letters/templates/invite.txt
Dear {{ nmae }},
Open {{ link }}
end of file
api POST /v1/plugins/reload
=> 200
api POST /v1/clients?sendInvite=true
  {"givenName": "Cai", "familyName": "Lee", "email": "cai@example.com"}
=> 200
  id as cai
mail to cai@example.com
  subject !~ letters
api GET /v1/invites?clientId={cai} until "deliveryFallback":"letters
=> 200
  data.0.deliveryFallback ~ letters/templates/invite.txt:1
  data.0.deliveryFallback ~ nmae

# switched off in the workspace, the shipped one makes the mail again
api PATCH /v1/plugins/letters
  {"enabled": false}
=> 200
api POST /v1/clients?sendInvite=true
  {"givenName": "Dee", "familyName": "Lee", "email": "dee@example.com"}
=> 200
  id as dee
mail to dee@example.com
  subject ~ Rocket Agency
api PATCH /v1/plugins/invite_email.lua
  {"enabled": false}
=> 200
api POST /v1/clients?sendInvite=true
  {"givenName": "Eva", "familyName": "Lee", "email": "eva@example.com"}
=> 200
  id as eva
mail to eva@example.com
  subject ~ Rocket Agency
api GET /v1/invites?clientId={eva} until "deliveryFallback":"invite_email
=> 200
  data.0.deliveryFallback ~ renders it, and is switched off here
