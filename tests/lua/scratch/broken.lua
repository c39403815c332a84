-- What goes wrong in the tests of broken_test.lua.
local foyer = require("foyer")

foyer.on("client.created", { name = "endless" }, function(event)
  if event.data.givenName == "Loop" then while true do end end
  if event.data.givenName == "Large" then
    local all = {}
    for i = 1, 1e7 do all[i] = ("x"):rep(1000) .. #all end
  end
  if event.data.givenName == "Asks" then foyer.http.fetch("https://crm.example/people?of=1") end
  if event.data.givenName == "Elsewhere" then foyer.http.fetch("ftp://crm.example/") end
end)

foyer.job("often", { every = "1m" }, function() end)
