use super::*;

/// A quarter of the budget.
const LIMBS: usize = BUDGET / 4 / size_of::<i32>();

/// A signature that does not verify: whether the table was built for it.
fn built(slot: &Rc<Slot>) -> Option<bool> {
    let mut built = false;
    slot.table(LIMBS, || {
        built = true;
        vec![0; LIMBS]
    })?;
    Some(built)
}

/// The same for one that verifies, with the table or without.
fn proved(slot: &Rc<Slot>) -> Option<bool> {
    let built = built(slot);
    slot.proved();
    built
}

#[test]
fn a_table_is_built_once() {
    let slot = Rc::new(Slot::default());
    assert_eq!([proved(&slot), built(&slot)], [Some(true), Some(false)]);
}

#[test]
fn a_table_beyond_the_budget_is_refused_while_the_others_are_in_use() {
    let slots = [(); 5].map(|()| Rc::new(Slot::default()));
    for _ in 0..IDLE {
        assert!(slots[..4].iter().all(|slot| proved(slot).is_some()));
        assert_eq!(proved(&slots[4]), None);
    }
}

#[test]
fn a_table_out_of_use_gives_way() {
    let slots = [(); 5].map(|()| Rc::new(Slot::default()));
    slots[..4].iter().for_each(|slot| assert_eq!(proved(slot), Some(true)));
    assert_eq!(proved(&slots[4]), None);
    (0..IDLE).for_each(|_| slots[1..4].iter().for_each(|slot| assert_eq!(proved(slot), Some(false))));
    assert_eq!(proved(&slots[4]), Some(true));
    assert_eq!(proved(&slots[0]), None);
}

#[test]
fn table_of_bad_signatures_gives_way_to_a_proven_key() {
    let junk = [(); 4].map(|()| Rc::new(Slot::default()));
    junk.iter().for_each(|slot| assert_eq!(built(slot), Some(true)));
    let genuine = [(); 4].map(|()| Rc::new(Slot::default()));
    genuine.iter().for_each(|slot| assert_eq!(proved(slot), None, "the first one goes to the library"));
    for round in 0..3 * IDLE {
        genuine.iter().for_each(|slot| assert_eq!(proved(slot), Some(round == 0)));
        junk.iter().for_each(|slot| assert_eq!(built(slot), None));
    }
}

#[test]
fn bad_signatures_keep_no_table_in_use() {
    let slots = [(); 5].map(|()| Rc::new(Slot::default()));
    slots[..4].iter().for_each(|slot| assert_eq!(proved(slot), Some(true)));
    assert_eq!(proved(&slots[4]), None);
    for _ in 0..IDLE {
        slots[1..4].iter().for_each(|slot| assert_eq!(proved(slot), Some(false)));
        assert_eq!(built(&slots[0]), Some(false));
    }
    assert_eq!(built(&slots[4]), Some(true), "slot 0 has verified nothing for so long");
}

#[test]
fn unproven_key_takes_no_place() {
    let slots = [(); 5].map(|()| Rc::new(Slot::default()));
    slots[..4].iter().for_each(|slot| assert_eq!(proved(slot), Some(true)));
    (0..2 * IDLE).for_each(|_| assert_eq!(proved(&slots[1]), Some(false)));
    assert_eq!(built(&slots[4]), None);
}

#[test]
fn the_table_of_a_dropped_key_makes_room() {
    let mut slots = (0..4).map(|_| Rc::new(Slot::default())).collect::<Vec<_>>();
    slots.iter().for_each(|slot| assert_eq!(proved(slot), Some(true)));
    slots.pop();
    assert_eq!(built(&Rc::default()), Some(true));
}

#[test]
fn tables_are_built_ahead_up_to_half_of_the_budget_and_are_the_first_to_give_way() {
    let slots = [(); 5].map(|()| Rc::new(Slot::default()));
    let prepare = |slot: &Rc<Slot>| slot.prepare(LIMBS, || vec![0; LIMBS]);
    assert_eq!(prepare(&slots[0]), Preparation::Built);
    assert_eq!(prepare(&slots[0]), Preparation::Ready);
    assert_eq!(prepare(&slots[1]), Preparation::Built);
    assert_eq!(prepare(&slots[2]), Preparation::NoRoom);
    assert_eq!(proved(&slots[0]), Some(false));
    assert!(slots[2..4].iter().chain(&slots[..1]).all(|slot| proved(slot).is_some()));
    assert_eq!(proved(&slots[4]), None);
    assert_eq!(proved(&slots[4]), Some(true));
    assert_eq!(prepare(&slots[1]), Preparation::NoRoom);
}
