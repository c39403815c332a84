# A cookie lets our own pages change things, and nobody else's; over https it is one that no other host can set
proves: S13

workspace "Rocket Agency" owned by owner@example.com served with --base-url https://portal.example.com

api POST /v1/clients?sendInvite=true
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com"}
=> 200
  inviteUrl ~ https://portal.example.com/invite/
mail to ann@example.com
  link as invite

# Without a cookie only what is plainly foreign is refused.
nobody POST {invite}
  with Sec-Fetch-Site: cross-site
  password=a ladder of wet moss
=> 403
  page has "seems to come from another site"
nobody POST {invite}
  with Origin: https://evil.example
  password=a ladder of wet moss
=> 403
ann POST {invite}
  with Sec-Fetch-Site: same-origin
  with Origin: null
  password=a ladder of wet moss
=> 303
  header Set-Cookie ~ __Host-foyer_session=
  header Set-Cookie ~ ; Path=/; HttpOnly; SameSite=Lax; Max-Age=1209600; Secure

# With one, a browser must say that it comes from here; who says nothing is refused.
ann PATCH /v1/me
  with Sec-Fetch-Site: cross-site
  {"phone": "+43 1 234567"}
=> 403
  code = "csrf"
ann PATCH /v1/me
  with Sec-Fetch-Site: same-site
  {"phone": "+43 1 234567"}
=> 403
ann PATCH /v1/me
  with Origin: https://evil.example
  {"phone": "+43 1 234567"}
=> 403
ann PATCH /v1/me
  with Origin: null
  {"phone": "+43 1 234567"}
=> 403
ann PATCH /v1/me
  with Origin: 
  {"phone": "+43 1 234567"}
=> 403
ann PATCH /v1/me
  with Sec-Fetch-Site: same-origin
  {"phone": "+43 1 234567"}
=> 200
  client.phone = "+43 1 234567"
# Reading needs none of this: Lax cookies come with links from elsewhere.
ann GET /v1/me
  with Sec-Fetch-Site: cross-site
=> 200

# A cookie of the plain name, which another host of the domain could set, is not even read.
nobody GET /v1/me
  with Cookie: foyer_session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
=> 401
ann POST /sign-out
  with Sec-Fetch-Site: same-origin
=> 303
  header Set-Cookie ~ __Host-foyer_session=; 
ann GET /v1/me
=> 401
