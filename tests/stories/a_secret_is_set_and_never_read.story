# A token of a plugin is set, used, and never read again
proves: X1, A1

workspace "Rocket Agency" owned by owner@example.com

write scripts/crm.lua
-- A CRM, for a test.
local foyer = require("foyer")

foyer.settings {
  token = { type = "secret", min = 8, help = "Token of the CRM." },
  base = { type = "text", default = "" },
}

foyer.filter("client.create", function(_, client)
  local token = foyer.secret("token")
  return { position = tostring(token) .. " " .. (token and foyer.crypto.hmac(token, client.givenName) or "") }
end)
end of file
api POST /v1/plugins/reload
=> 200
  changed = true

api GET /v1/plugins/crm.lua
=> 200
  settings !~ token
  secrets.token.isSet = false
  declarations.token.type = "secret"

api POST /v1/clients
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com"}
=> 200
  position = "nil"

# What does not fit is told without what was given.
api PATCH /v1/plugins/crm.lua
  {"settings": {"token": "hush"}}
=> 400
  errors.0.field = "settings.token"
  errors.0.message = "Must be a secret of 8 to 8192 characters."
  errors !~ hush

api PATCH /v1/plugins/crm.lua
  {"settings": {"token": "hush-hush-hush", "base": "https://crm.example.com"}}
=> 200
  settings.base = "https://crm.example.com"
  settings !~ hush
  secrets.token.isSet = true
  secrets.token.problem = null
  secrets !~ hush

# HMAC-SHA256 of "Bob" with it.
api POST /v1/clients
  {"givenName": "Bob", "familyName": "Lee", "email": "bob@example.com"}
=> 200
  position = "secret token d14cb9f1f752c7e59b9cdb9856057a39f8751c03361cf57a5bf6a46a35eaa284"

api GET /v1/plugins/crm.lua/versions
=> 200
  data has 1 entries
  data !~ hush

api GET /v1/audit?action=plugin.update
=> 200
  data.0.detail.after.secrets.token.isSet = true
  data !~ hush

api PATCH /v1/plugins/crm.lua
  {"settings": {"token": null}}
=> 200
  secrets.token.isSet = false
