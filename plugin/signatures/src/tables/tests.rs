use super::*;

/// A quarter of the budget.
const LIMBS: usize = BUDGET / 4 / size_of::<i32>();

fn built(slot: &Rc<Slot>) -> Option<bool> {
    let mut built = false;
    slot.table(LIMBS, || {
        built = true;
        vec![0; LIMBS]
    })?;
    Some(built)
}

#[test]
fn a_table_is_built_once() {
    let slot = Rc::new(Slot::default());
    assert_eq!([built(&slot), built(&slot)], [Some(true), Some(false)]);
}

#[test]
fn a_table_beyond_the_budget_is_refused_while_the_others_are_in_use() {
    let slots = [(); 5].map(|()| Rc::new(Slot::default()));
    for _ in 0..IDLE {
        assert!(slots[..4].iter().all(|slot| built(slot).is_some()));
        assert_eq!(built(&slots[4]), None);
    }
}

#[test]
fn a_table_out_of_use_gives_way() {
    let slots = [(); 5].map(|()| Rc::new(Slot::default()));
    slots[..4].iter().for_each(|slot| assert_eq!(built(slot), Some(true)));
    (0..IDLE).for_each(|_| slots[1..4].iter().for_each(|slot| assert_eq!(built(slot), Some(false))));
    assert_eq!(built(&slots[4]), Some(true));
    assert_eq!(built(&slots[0]), None);
}

#[test]
fn the_table_of_a_dropped_key_makes_room() {
    let mut slots = (0..4).map(|_| Rc::new(Slot::default())).collect::<Vec<_>>();
    slots.iter().for_each(|slot| assert_eq!(built(slot), Some(true)));
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
    assert_eq!(built(&slots[0]), Some(false));
    for _ in 0..IDLE {
        assert!(slots[2..4].iter().chain(&slots[..1]).all(|slot| built(slot).is_some()));
    }
    assert_eq!(built(&slots[4]), Some(true));
    assert_eq!(prepare(&slots[1]), Preparation::NoRoom);
}
