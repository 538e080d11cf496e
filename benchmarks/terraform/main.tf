terraform {
  required_providers {
    floor = { source = "example/floor" }
  }
}

resource "floor_domains" "app" {
  for_each = { for app in jsondecode(file("fleet.json")) : app.appid => app.domains }
  appid    = each.key
  domains  = each.value
}
