-- A chat is told when a client accepts an invitation: one line, by the incoming webhook of a channel.

local foyer = require("foyer")

foyer.plugin {
  name = "Chat notifier", version = "1.1.0", capabilities = { "api", "view_clients", "http" },
  hosts = { "*" }, -- name the one of your chat: then the address goes nowhere else
}

foyer.settings {
  hook = { type = "secret", help = "Address of the incoming webhook, https://…; not set: nobody is told." },
  member = { type = "choice", choices = { "text", "content" }, default = "text",
    help = "Where the chat looks for it: text (Slack, Mattermost, Rocket.Chat, Google Chat) or content (Discord)." },
  line = { type = "text", default = "{name} ({email}) has accepted the invitation of {inviter}.",
    help = "The line; {name}, {email} and {inviter} are filled in." },
}

-- People choose their names: none shall call a whole channel, or look like a link.
local function plain(text)
  return (text:gsub("[&<>@]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ["@"] = "@\u{200b}" }))
end

local function name_of(clientId)
  local answer = foyer.api("GET", "/v1/clients/" .. clientId)
  if answer.status == 404 then return nil end -- deleted meanwhile
  if answer.status ~= 200 then error("the client cannot be read: " .. answer.body.message) end
  return foyer.text.trim((answer.body.givenName or "") .. " " .. (answer.body.familyName or ""))
end

local function message(settings, line)
  if settings.member == "content" then
    return { content = line, allowed_mentions = { parse = foyer.json.array({}) } }
  end
  return { text = line }
end

-- An error is a try that failed: the server comes back after 1 minute, 5 minutes, half an hour …, and after a day and
-- a half it is a dead letter (GET /v1/deliveries?status=dead), which can be replayed.
foyer.on("invite.accepted", { name = "chat", describe = "tells a chat who has accepted" }, function(event, ctx)
  local invite = event.data
  local hook = foyer.secret("hook") -- whoever knows the address may write into the channel
  if not hook or not invite.clientId then return end -- staff is no client

  local name = name_of(invite.clientId)
  if not name then return end
  local line = foyer.i18n.fill(ctx.settings.line, { name = plain(name), email = plain(invite.email or "no address"),
    inviter = plain(invite.inviterName or "the server") })
  local answer = foyer.http.fetch(hook, { json = message(ctx.settings, line) })
  if answer.status >= 300 then
    error("the chat says " .. answer.status .. ": " .. answer.body:sub(1, 200))
  end
end)
