"""The three scenes: each module has `Scene(view).frame(t)`, `letter(img, view)`, POSTER and HERO."""
