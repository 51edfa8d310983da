//! The staff pages of the main job: home, case list, case page, dispatcher's board, intake desk, verification and call-back.
