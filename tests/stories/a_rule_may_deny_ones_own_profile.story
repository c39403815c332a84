# A rule may deny anything, even one's own profile, and the server answers on
proves: A1, A2

workspace "Rocket Agency" owned by owner@example.com

owner POST {sign_in}
  password=a ladder of wet moss
=> 303
owner GET /v1/me
=> 200

write scripts/house_rules.lua
local foyer = require("foyer")
foyer.rule("me.read", function() return foyer.deny("closed", "Closed for the summer.") end)
foyer.rule("me.update", function() return foyer.deny("closed", "Closed for the summer.") end)
foyer.rule("session.list", function() return foyer.deny("closed", "Closed for the summer.") end)
foyer.rule("session.delete", function() return foyer.deny("closed", "Closed for the summer.") end)
foyer.rule("workspace.read", function() return foyer.deny("closed", "Closed for the summer.") end)
end of file
api POST /v1/plugins/reload
=> 200

api GET /v1/me
=> 403
  code = "closed"
owner GET /v1/me
=> 403
  code = "closed"
owner PATCH /v1/me
  {"givenName": "Olga"}
=> 404
owner GET /v1/sessions
=> 403
api GET /v1/workspaces
=> 404
nobody GET /healthz
=> 200
