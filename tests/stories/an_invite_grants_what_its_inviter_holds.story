# Whoever may no longer invite has invited nobody: it is asked again when the invite is accepted
proves: S8, A2

workspace "Rocket Agency" owned by owner@example.com

api POST /v1/clients?sendInvite=true
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com"}
=> 200
mail to ann@example.com
  link as invite
write scripts/no_keys.lua
local foyer = require("foyer")

foyer.rule("invite.create", function(ctx)
  if ctx.actor.kind == "apiKey" then return foyer.deny("by_hand_only", "Invitations are made by people.") end
end)
end of file
api POST /v1/plugins/reload
=> 200
ann POST {invite}
  password=a ladder of wet moss
=> 410
  page has "may no longer do so"
api POST /v1/clients?sendInvite=true
  {"givenName": "Bob", "familyName": "Lee", "email": "bob@example.com"}
=> 403
  code = "by_hand_only"
api GET /v1/clients?email=bob@example.com
=> 200
  data has 0 entries
remove scripts/no_keys.lua
api POST /v1/plugins/reload
=> 200
ann POST {invite}
  password=a ladder of wet moss
=> 303
