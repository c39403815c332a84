-- Clients say what they wish for, and staff sees it: pages of a plugin, as the tests of pages look at them.
local foyer = require("foyer")

local form = foyer.template.load("form.html")
local list = foyer.template.load("list.html")

foyer.transaction("keep", function(ctx, wish)
  foyer.kv.set("wish." .. ctx.actor.id, { who = ctx.actor.name, text = wish.text, urgent = wish.urgent == true })
end)

foyer.page("portal", "/", {
  title = "Your wishes", style = "wishes.css", script = "wishes.js",
  form = {
    properties = {
      text = { type = "string", minLength = 3, maxLength = 2000 },
      days = { type = "integer", minimum = 1 },
      urgent = { type = "boolean" },
    },
    required = { "text" },
  },
}, function(_, request)
  local given = request.body or {}
  if request.method == "POST" and not next(request.errors) then
    foyer.run("keep", { text = given.text, urgent = given.urgent })
    return foyer.redirect("/p/wishes", 303, "Thank you: “" .. given.text:sub(1, 40) .. "” is on our list.")
  end
  return form { given = given, errors = request.errors, picture = foyer.asset("star.svg") }
end)

foyer.page("dashboard", "/clients/{id}", { title = "A client" }, function(_, request)
  local client = foyer.api("GET", "/v1/clients/" .. request.params.id)
  if client.status ~= 200 then return foyer.reply(404, "<h1>There is no such client</h1>") end
  return "<h1>" .. foyer.text.html(client.body.givenName .. " " .. client.body.familyName) .. "</h1>"
end)

foyer.page("dashboard", "/clients", { title = "Wishes of clients", label = "Wishes" }, function()
  local clients = foyer.api("GET", "/v1/clients", { query = { limit = 20, sort = "-createdAt" } })
  return list { clients = clients.body.data }
end)

foyer.page("portal", "/broken", { title = "Broken", label = false }, function()
  return form {}
end)
