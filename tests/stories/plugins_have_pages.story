# A plugin has pages of its own: in the navigation of those who may open them, with forms that say what is wrong
proves: X6, S13, S14

workspace "Rocket Agency" owned by owner@example.com with the password "correct horse battery"

write plugins/wishes/plugin.json
{ "id": "wishes", "name": "Wishes", "version": "1.0.0", "api": 1, "capabilities": ["api", "kv"],
  "provides": { "page": ["dashboard /list", "portal /"], "transaction": ["keep"] } }
end of file
write plugins/wishes/assets/wishes.css
h1 { letter-spacing: 0; }
end of file
write plugins/wishes/main.lua
local foyer = require("foyer")
foyer.transaction("keep", function(_, wish) foyer.kv.set("wish", wish) end)
foyer.page("dashboard", "/list", {
  title = "Wishes of clients", label = "Wishes", style = "wishes.css",
  form = { properties = { text = { type = "string", minLength = 3 } }, required = { "text" } },
}, function(ctx, request)
  if request.method == "POST" and not next(request.errors) then
    foyer.run("keep", { text = request.body.text })
    return foyer.redirect("/p/wishes/list", 303, "Kept: " .. request.body.text)
  end
  return "<h1>Wishes</h1><p>" .. foyer.text.html(request.errors.text or ctx.actor.kind) .. "</p>"
end)
foyer.page("portal", "/", { title = "Your wishes" }, function() return "<h1>Your wishes</h1>" end)
end of file
api POST /v1/plugins/reload
=> 200

# whoever is not signed in is led to the door
nobody GET /p/wishes/list
=> 303
  header Location as door

owner POST /sign-in
  email=owner@example.com
  password=correct horse battery
=> 303
owner GET /
=> 200
  page has "Wishes"
owner GET /p/wishes/list
=> 200
  page has "internalUser"
owner GET /p/wishes
=> 403

# the form is shown again with what is wrong; a page of another site sends nothing
owner POST /p/wishes/list
  text=x
=> 400
  page has "This must be 3 characters or more."
owner POST /p/wishes/list
  with Origin: https://evil.example
  with Sec-Fetch-Site: cross-site
  text=from elsewhere
=> 403

# what was done is said once
owner POST /p/wishes/list
  text=more light
=> 303
owner GET /p/wishes/list
=> 200
  page has "Kept: more light"
owner GET /p/wishes/list
=> 200
  page lacks "Kept: more light"

# its files are for browsers, and nothing else of its folder is
nobody GET /p/wishes/assets/wishes.css
=> 200
nobody GET /p/wishes/assets/main.lua
=> 404
nobody GET /p/wishes/main.lua
=> 404

# switched off, it is gone, from the navigation too
api PATCH /v1/plugins/wishes
  {"enabled": false}
=> 200
owner GET /p/wishes/list
=> 404
owner GET /
=> 200
  page lacks "Wishes"
