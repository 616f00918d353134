WITH

__splink__compare_two_records_blocked as (
    select "l"."pair" AS "pair_l", "r"."pair" AS "pair_r", "l"."nino" AS "nino_l", "r"."nino" AS "nino_r", "l"."born" AS "born_l", "r"."born" AS "born_r", "l"."tf_born" AS "tf_born_l", "r"."tf_born" AS "tf_born_r", "l"."forename" AS "forename_l", "r"."forename" AS "forename_r", "l"."tf_forename" AS "tf_forename_l", "r"."tf_forename" AS "tf_forename_r", "l"."nicks" AS "nicks_l", "r"."nicks" AS "nicks_r", "l"."surname" AS "surname_l", "r"."surname" AS "surname_r", "l"."forenames" AS "forenames_l", "r"."forenames" AS "forenames_r", "l"."known" AS "known_l", "r"."known" AS "known_r", "l"."before" AS "before_l", "r"."before" AS "before_r", "l"."middles" AS "middles_l", "r"."middles" AS "middles_r", "l"."tf_surname" AS "tf_surname_l", "r"."tf_surname" AS "tf_surname_r", "l"."others" AS "others_l", "r"."others" AS "others_r", "l"."parts" AS "parts_l", "r"."parts" AS "parts_r", "l"."stem" AS "stem_l", "r"."stem" AS "stem_r", "l"."postcode" AS "postcode_l", "r"."postcode" AS "postcode_r", "l"."tf_postcode" AS "tf_postcode_l", "r"."tf_postcode" AS "tf_postcode_r", "l"."middle" AS "middle_l", "r"."middle" AS "middle_r", "l"."given" AS "given_l", "r"."given" AS "given_r", "l"."address" AS "address_l", "r"."address" AS "address_r", 0 as match_key
    from __splink__compare_records_left as l
    join __splink__compare_records_right as r
    on l.pair = r.pair
), 

__splink__df_comparison_vectors as (
    select "pair_l", "pair_r", "nino_l", "nino_r", CASE
        WHEN nino_l is null or nino_r is null THEN -1
        WHEN nino_l = nino_r THEN 2
        WHEN least(length(nino_l), length(nino_r)) >= 7 and damerau_levenshtein(nino_l, nino_r) <= 1 THEN 1
        ELSE 0
    END as gamma_of_nino, "born_l", "born_r", CASE
        WHEN born_l is null or born_r is null THEN -1
        WHEN born_l = born_r and substr(born_l, 5) = '0101' THEN 7
        WHEN born_l = born_r THEN 6
        WHEN substr(born_l, 1, 4) = substr(born_r, 1, 4) and substr(born_l, 5, 2) = substr(born_r, 7, 2) and substr(born_l, 7, 2) = substr(born_r, 5, 2) THEN 5
        WHEN substr(born_l, 1, 4) = substr(born_r, 1, 4) and (substr(born_l, 5) = '0101' or substr(born_r, 5) = '0101') THEN 4
        WHEN damerau_levenshtein(born_l, born_r) <= 1 and abs(cast(substr(born_l, 1, 4) as int) - cast(substr(born_r, 1, 4) as int)) < 10 THEN 3
        WHEN cast(substr(born_l, 1, 4) = substr(born_r, 1, 4) as int) + cast(substr(born_l, 5, 2) = substr(born_r, 5, 2) as int) + cast(substr(born_l, 7, 2) = substr(born_r, 7, 2) as int) = 2 THEN 2
        WHEN abs(cast(substr(born_l, 1, 4) as int) - cast(substr(born_r, 1, 4) as int)) < 10 THEN 1
        ELSE 0
    END as gamma_of_born, "tf_born_l", "tf_born_r", "forename_l", "forename_r", "nicks_l", "nicks_r", "surname_l", "surname_r", "forenames_l", "forenames_r", "known_l", "known_r", "before_l", "before_r", "middles_l", "middles_r", CASE
        WHEN forename_l is null or forename_r is null THEN -1
        WHEN forename_l = forename_r THEN 10
        WHEN list_has_any(nicks_l, nicks_r) THEN 9
        WHEN coalesce(forename_l = surname_r and surname_l = forename_r, false) THEN 8
        WHEN coalesce(jaro_winkler_similarity(forename_l, surname_r) >= 0.899999999 and jaro_winkler_similarity(surname_l, forename_r) >= 0.899999999, false) THEN 7
        WHEN forenames_l = forenames_r THEN 6
        WHEN least(length(forename_l), length(forename_r)) >= 5 and left(forename_l, 1) = left(forename_r, 1) and right(forename_l, 1) = right(forename_r, 1) and not (known_l and known_r) and damerau_levenshtein(forename_l, forename_r) <= 1 THEN 5
        WHEN jaro_winkler_similarity(forename_l, forename_r) >= 0.899999999 THEN 4
        WHEN list_contains(middles_r, forename_l) or list_contains(middles_l, forename_r) or coalesce(forename_l = before_r, false) or coalesce(forename_r = before_l, false) THEN 3
        WHEN least(length(forename_l), length(forename_r)) = 1 and left(forename_l, 1) = left(forename_r, 1) THEN 2
        WHEN jaro_winkler_similarity(forename_l, forename_r) >= 0.7999999990000001 THEN 1
        ELSE 0
    END as gamma_of_forename, "tf_forename_l", "tf_forename_r", "others_l", "others_r", "parts_l", "parts_r", "stem_l", "stem_r", CASE
        WHEN surname_l is null or surname_r is null THEN -1
        WHEN surname_l = surname_r THEN 8
        WHEN list_contains(others_r, surname_l) or list_contains(others_l, surname_r) or list_has_any(others_l, others_r) THEN 7
        WHEN coalesce(forename_l = surname_r and surname_l = forename_r, false) THEN 6
        WHEN coalesce(jaro_winkler_similarity(forename_l, surname_r) >= 0.899999999 and jaro_winkler_similarity(surname_l, forename_r) >= 0.899999999, false) THEN 5
        WHEN list_has_any(parts_l, parts_r) THEN 4
        WHEN stem_l = stem_r THEN 3
        WHEN jaro_winkler_similarity(surname_l, surname_r) >= 0.899999999 THEN 2
        WHEN jaro_winkler_similarity(surname_l, surname_r) >= 0.7999999990000001 THEN 1
        ELSE 0
    END as gamma_of_surname, "tf_surname_l", "tf_surname_r", "postcode_l", "postcode_r", CASE
        WHEN postcode_l is null or postcode_r is null THEN -1
        WHEN postcode_l = postcode_r THEN 4
        WHEN least(length(postcode_l), length(postcode_r)) >= 5 and damerau_levenshtein(postcode_l, postcode_r) <= 1 THEN 3
        WHEN least(length(postcode_l), length(postcode_r)) >= 5 and left(postcode_l, length(postcode_l) - 2) = left(postcode_r, length(postcode_r) - 2) THEN 2
        WHEN (case when length(postcode_l) >= 5 then left(postcode_l, length(postcode_l) - 3) else postcode_l end) = (case when length(postcode_r) >= 5 then left(postcode_r, length(postcode_r) - 3) else postcode_r end) THEN 1
        ELSE 0
    END as gamma_of_postcode, "tf_postcode_l", "tf_postcode_r", "middle_l", "middle_r", "given_l", "given_r", CASE
        WHEN middle_l is null or middle_r is null THEN -1
        WHEN list_has_any(middles_l, given_r) or list_has_any(given_l, middles_r) THEN 3
        WHEN least(length(middle_l), length(middle_r)) = 1 and left(middle_l, 1) = left(middle_r, 1) THEN 2
        WHEN jaro_winkler_similarity(middle_l, middle_r) >= 0.899999999 THEN 1
        ELSE 0
    END as gamma_of_middle, "address_l", "address_r", CASE
        WHEN address_l is null or address_r is null THEN -1
        WHEN address_l = address_r THEN 2
        WHEN jaro_winkler_similarity(address_l, address_r) >= 0.899999999 and regexp_extract(address_l, '[0-9]+') = regexp_extract(address_r, '[0-9]+') THEN 1
        ELSE 0
    END as gamma_of_address, match_key
        from __splink__compare_two_records_blocked
), 

__splink__df_match_weight_parts as (
    select
    "pair_l",
    "pair_r",
    "nino_l",
    "nino_r",
    gamma_of_nino,
    CASE
        WHEN gamma_of_nino = -1 THEN
            cast(0.0 as float8)
        WHEN gamma_of_nino = 2 THEN
            cast(13.99999967184499 as float8)
        WHEN gamma_of_nino = 1 THEN
            cast(8.802986432941024 as float8)
        WHEN gamma_of_nino = 0 THEN
            cast(-6.1582335717734695 as float8)
    END as mw_of_nino,
    "born_l",
    "born_r",
    gamma_of_born,
    "tf_born_l",
    "tf_born_r",
    CASE
        WHEN gamma_of_born = -1 THEN
            cast(0.0 as float8)
        WHEN gamma_of_born = 7 THEN
            cast(9.696202788187561 as float8)
        WHEN gamma_of_born = 6 THEN
            cast(13.09894414579265 as float8)
        WHEN gamma_of_born = 5 THEN
            cast(7.914763348015189 as float8)
        WHEN gamma_of_born = 4 THEN
            cast(3.211842878655426 as float8)
        WHEN gamma_of_born = 3 THEN
            cast(3.288586987341616 as float8)
        WHEN gamma_of_born = 2 THEN
            cast(-0.4932907281078413 as float8)
        WHEN gamma_of_born = 1 THEN
            cast(-7.045675113822868 as float8)
        WHEN gamma_of_born = 0 THEN
            cast(-8.000000320051882 as float8)
    END as mw_of_born,
    CASE
        WHEN gamma_of_born = -1 THEN cast(0 as float8)
        WHEN gamma_of_born = 7 THEN
            CASE
                WHEN coalesce("tf_born_l", "tf_born_r") is not null THEN
                    cast(1.0 as float8) * (
                        cast(-13.166696978588083 as float8) - log2(greatest(coalesce("tf_born_l", "tf_born_r"), coalesce("tf_born_r", "tf_born_l"), cast(0.00010875 as float8)))
                    )
                ELSE cast(0 as float8)
            END
        WHEN gamma_of_born = 6 THEN
            CASE
                WHEN coalesce("tf_born_l", "tf_born_r") is not null THEN
                    cast(1.0 as float8) * (
                        cast(-13.166696978588083 as float8) - log2(greatest(coalesce("tf_born_l", "tf_born_r"), coalesce("tf_born_r", "tf_born_l"), cast(0.00010875 as float8)))
                    )
                ELSE cast(0 as float8)
            END
        WHEN gamma_of_born = 5 THEN cast(0 as float8)
        WHEN gamma_of_born = 4 THEN cast(0 as float8)
        WHEN gamma_of_born = 3 THEN cast(0 as float8)
        WHEN gamma_of_born = 2 THEN cast(0 as float8)
        WHEN gamma_of_born = 1 THEN cast(0 as float8)
        WHEN gamma_of_born = 0 THEN cast(0 as float8)
    END as mw_tf_adj_of_born,
    "forename_l",
    "forename_r",
    "nicks_l",
    "nicks_r",
    "surname_l",
    "surname_r",
    "forenames_l",
    "forenames_r",
    "known_l",
    "known_r",
    "before_l",
    "before_r",
    "middles_l",
    "middles_r",
    gamma_of_forename,
    "tf_forename_l",
    "tf_forename_r",
    CASE
        WHEN gamma_of_forename = -1 THEN
            cast(0.0 as float8)
        WHEN gamma_of_forename = 10 THEN
            cast(7.9614992049004085 as float8)
        WHEN gamma_of_forename = 9 THEN
            cast(3.5227104884006715 as float8)
        WHEN gamma_of_forename = 8 THEN
            cast(4.761060854921936 as float8)
        WHEN gamma_of_forename = 7 THEN
            cast(3.357385390053269 as float8)
        WHEN gamma_of_forename = 6 THEN
            cast(5.32172034447431 as float8)
        WHEN gamma_of_forename = 5 THEN
            cast(8.484167025146144 as float8)
        WHEN gamma_of_forename = 4 THEN
            cast(3.449208383988204 as float8)
        WHEN gamma_of_forename = 3 THEN
            cast(1.9157282920960195 as float8)
        WHEN gamma_of_forename = 2 THEN
            cast(3.8186487399359277 as float8)
        WHEN gamma_of_forename = 1 THEN
            cast(-0.06039391661121569 as float8)
        WHEN gamma_of_forename = 0 THEN
            cast(-6.212990982975423 as float8)
    END as mw_of_forename,
    CASE
        WHEN gamma_of_forename = -1 THEN cast(0 as float8)
        WHEN gamma_of_forename = 10 THEN
            CASE
                WHEN coalesce("tf_forename_l", "tf_forename_r") is not null THEN
                    cast(1.0 as float8) * (
                        cast(-8.110619789812338 as float8) - log2(greatest(coalesce("tf_forename_l", "tf_forename_r"), coalesce("tf_forename_r", "tf_forename_l"), cast(0.0005 as float8)))
                    )
                ELSE cast(0 as float8)
            END
        WHEN gamma_of_forename = 9 THEN
            CASE
                WHEN coalesce("tf_forename_l", "tf_forename_r") is not null THEN
                    cast(1.0 as float8) * (
                        cast(-8.110619789812338 as float8) - log2(greatest(coalesce("tf_forename_l", "tf_forename_r"), coalesce("tf_forename_r", "tf_forename_l"), cast(0.00361793 as float8)))
                    )
                ELSE cast(0 as float8)
            END
        WHEN gamma_of_forename = 8 THEN
            CASE
                WHEN coalesce("tf_forename_l", "tf_forename_r") is not null THEN
                    cast(1.0 as float8) * (
                        cast(-8.110619789812338 as float8) - log2(greatest(coalesce("tf_forename_l", "tf_forename_r"), coalesce("tf_forename_r", "tf_forename_l"), cast(0.00361793 as float8)))
                    )
                ELSE cast(0 as float8)
            END
        WHEN gamma_of_forename = 7 THEN
            CASE
                WHEN coalesce("tf_forename_l", "tf_forename_r") is not null THEN
                    cast(1.0 as float8) * (
                        cast(-8.110619789812338 as float8) - log2(greatest(coalesce("tf_forename_l", "tf_forename_r"), coalesce("tf_forename_r", "tf_forename_l"), cast(0.00361793 as float8)))
                    )
                ELSE cast(0 as float8)
            END
        WHEN gamma_of_forename = 6 THEN cast(0 as float8)
        WHEN gamma_of_forename = 5 THEN
            CASE
                WHEN coalesce("tf_forename_l", "tf_forename_r") is not null THEN
                    cast(1.0 as float8) * (
                        cast(-8.110619789812338 as float8) - log2(greatest(coalesce("tf_forename_l", "tf_forename_r"), coalesce("tf_forename_r", "tf_forename_l"), cast(0.0005 as float8)))
                    )
                ELSE cast(0 as float8)
            END
        WHEN gamma_of_forename = 4 THEN cast(0 as float8)
        WHEN gamma_of_forename = 3 THEN cast(0 as float8)
        WHEN gamma_of_forename = 2 THEN cast(0 as float8)
        WHEN gamma_of_forename = 1 THEN cast(0 as float8)
        WHEN gamma_of_forename = 0 THEN cast(0 as float8)
    END as mw_tf_adj_of_forename,
    "others_l",
    "others_r",
    "parts_l",
    "parts_r",
    "stem_l",
    "stem_r",
    gamma_of_surname,
    "tf_surname_l",
    "tf_surname_r",
    CASE
        WHEN gamma_of_surname = -1 THEN
            cast(0.0 as float8)
        WHEN gamma_of_surname = 8 THEN
            cast(8.261067302880313 as float8)
        WHEN gamma_of_surname = 7 THEN
            cast(3.474917522397544 as float8)
        WHEN gamma_of_surname = 6 THEN
            cast(5.042744176424539 as float8)
        WHEN gamma_of_surname = 5 THEN
            cast(3.6390687115558715 as float8)
        WHEN gamma_of_surname = 4 THEN
            cast(4.475773264370679 as float8)
        WHEN gamma_of_surname = 3 THEN
            cast(3.6916706897486957 as float8)
        WHEN gamma_of_surname = 2 THEN
            cast(5.522494521130581 as float8)
        WHEN gamma_of_surname = 1 THEN
            cast(0.8886727365749963 as float8)
        WHEN gamma_of_surname = 0 THEN
            cast(-5.475676559598579 as float8)
    END as mw_of_surname,
    CASE
        WHEN gamma_of_surname = -1 THEN cast(0 as float8)
        WHEN gamma_of_surname = 8 THEN
            CASE
                WHEN coalesce("tf_surname_l", "tf_surname_r") is not null THEN
                    cast(1.0 as float8) * (
                        cast(-8.39230311131494 as float8) - log2(greatest(coalesce("tf_surname_l", "tf_surname_r"), coalesce("tf_surname_r", "tf_surname_l"), cast(0.0002 as float8)))
                    )
                ELSE cast(0 as float8)
            END
        WHEN gamma_of_surname = 7 THEN cast(0 as float8)
        WHEN gamma_of_surname = 6 THEN
            CASE
                WHEN coalesce("tf_surname_l", "tf_surname_r") is not null THEN
                    cast(1.0 as float8) * (
                        cast(-8.39230311131494 as float8) - log2(greatest(coalesce("tf_surname_l", "tf_surname_r"), coalesce("tf_surname_r", "tf_surname_l"), cast(0.00297622 as float8)))
                    )
                ELSE cast(0 as float8)
            END
        WHEN gamma_of_surname = 5 THEN
            CASE
                WHEN coalesce("tf_surname_l", "tf_surname_r") is not null THEN
                    cast(1.0 as float8) * (
                        cast(-8.39230311131494 as float8) - log2(greatest(coalesce("tf_surname_l", "tf_surname_r"), coalesce("tf_surname_r", "tf_surname_l"), cast(0.00297622 as float8)))
                    )
                ELSE cast(0 as float8)
            END
        WHEN gamma_of_surname = 4 THEN
            CASE
                WHEN coalesce("tf_surname_l", "tf_surname_r") is not null THEN
                    cast(1.0 as float8) * (
                        cast(-8.39230311131494 as float8) - log2(greatest(coalesce("tf_surname_l", "tf_surname_r"), coalesce("tf_surname_r", "tf_surname_l"), cast(0.00297622 as float8)))
                    )
                ELSE cast(0 as float8)
            END
        WHEN gamma_of_surname = 3 THEN
            CASE
                WHEN coalesce("tf_surname_l", "tf_surname_r") is not null THEN
                    cast(1.0 as float8) * (
                        cast(-8.39230311131494 as float8) - log2(greatest(coalesce("tf_surname_l", "tf_surname_r"), coalesce("tf_surname_r", "tf_surname_l"), cast(0.00297622 as float8)))
                    )
                ELSE cast(0 as float8)
            END
        WHEN gamma_of_surname = 2 THEN
            CASE
                WHEN coalesce("tf_surname_l", "tf_surname_r") is not null THEN
                    cast(1.0 as float8) * (
                        cast(-8.39230311131494 as float8) - log2(greatest(coalesce("tf_surname_l", "tf_surname_r"), coalesce("tf_surname_r", "tf_surname_l"), cast(0.0002 as float8)))
                    )
                ELSE cast(0 as float8)
            END
        WHEN gamma_of_surname = 1 THEN cast(0 as float8)
        WHEN gamma_of_surname = 0 THEN cast(0 as float8)
    END as mw_tf_adj_of_surname,
    "postcode_l",
    "postcode_r",
    gamma_of_postcode,
    "tf_postcode_l",
    "tf_postcode_r",
    CASE
        WHEN gamma_of_postcode = -1 THEN
            cast(0.0 as float8)
        WHEN gamma_of_postcode = 4 THEN
            cast(9.41767371641738 as float8)
        WHEN gamma_of_postcode = 3 THEN
            cast(2.8898622779400585 as float8)
        WHEN gamma_of_postcode = 2 THEN
            cast(-2.520694745366503 as float8)
        WHEN gamma_of_postcode = 1 THEN
            cast(-2.950382914719771 as float8)
        WHEN gamma_of_postcode = 0 THEN
            cast(-2.7425899380721055 as float8)
    END as mw_of_postcode,
    CASE
        WHEN gamma_of_postcode = -1 THEN cast(0 as float8)
        WHEN gamma_of_postcode = 4 THEN
            CASE
                WHEN coalesce("tf_postcode_l", "tf_postcode_r") is not null THEN
                    cast(1.0 as float8) * (
                        cast(-9.6903003919948 as float8) - log2(greatest(coalesce("tf_postcode_l", "tf_postcode_r"), coalesce("tf_postcode_r", "tf_postcode_l"), cast(0.0012104 as float8)))
                    )
                ELSE cast(0 as float8)
            END
        WHEN gamma_of_postcode = 3 THEN cast(0 as float8)
        WHEN gamma_of_postcode = 2 THEN cast(0 as float8)
        WHEN gamma_of_postcode = 1 THEN cast(0 as float8)
        WHEN gamma_of_postcode = 0 THEN cast(0 as float8)
    END as mw_tf_adj_of_postcode,
    "middle_l",
    "middle_r",
    "given_l",
    "given_r",
    gamma_of_middle,
    CASE
        WHEN gamma_of_middle = -1 THEN
            cast(0.0 as float8)
        WHEN gamma_of_middle = 3 THEN
            cast(4.000000290115817 as float8)
        WHEN gamma_of_middle = 2 THEN
            cast(4.000004247286861 as float8)
        WHEN gamma_of_middle = 1 THEN
            cast(1.33386445802087 as float8)
        WHEN gamma_of_middle = 0 THEN
            cast(-2.999998538894297 as float8)
    END as mw_of_middle,
    "address_l",
    "address_r",
    gamma_of_address,
    CASE
        WHEN gamma_of_address = -1 THEN
            cast(0.0 as float8)
        WHEN gamma_of_address = 2 THEN
            cast(2.9999948884013725 as float8)
        WHEN gamma_of_address = 1 THEN
            cast(3.0000014588525623 as float8)
        WHEN gamma_of_address = 0 THEN
            cast(-2.0 as float8)
    END as mw_of_address,
    match_key
    from __splink__df_comparison_vectors
)
select
cast(0.0 as float8) + mw_of_nino + mw_of_born + mw_tf_adj_of_born + mw_of_forename + mw_tf_adj_of_forename + mw_of_surname + mw_tf_adj_of_surname + mw_of_postcode + mw_tf_adj_of_postcode + mw_of_middle + mw_of_address as match_weight,
CASE
        WHEN (cast(0.0 as float8) + mw_of_nino + mw_of_born + mw_tf_adj_of_born + mw_of_forename + mw_tf_adj_of_forename + mw_of_surname + mw_tf_adj_of_surname + mw_of_postcode + mw_tf_adj_of_postcode + mw_of_middle + mw_of_address) >= 0 THEN
            1.0 / (1.0 + POWER(cast(2 as float8), -(cast(0.0 as float8) + mw_of_nino + mw_of_born + mw_tf_adj_of_born + mw_of_forename + mw_tf_adj_of_forename + mw_of_surname + mw_tf_adj_of_surname + mw_of_postcode + mw_tf_adj_of_postcode + mw_of_middle + mw_of_address)))
        ELSE
            POWER(cast(2 as float8), (cast(0.0 as float8) + mw_of_nino + mw_of_born + mw_tf_adj_of_born + mw_of_forename + mw_tf_adj_of_forename + mw_of_surname + mw_tf_adj_of_surname + mw_of_postcode + mw_tf_adj_of_postcode + mw_of_middle + mw_of_address)) /
            (1.0 + POWER(cast(2 as float8), (cast(0.0 as float8) + mw_of_nino + mw_of_born + mw_tf_adj_of_born + mw_of_forename + mw_tf_adj_of_forename + mw_of_surname + mw_tf_adj_of_surname + mw_of_postcode + mw_tf_adj_of_postcode + mw_of_middle + mw_of_address)))
    END as match_probability,
"pair_l",
"pair_r",
"nino_l",
"nino_r",
gamma_of_nino,
mw_of_nino,
"born_l",
"born_r",
gamma_of_born,
"tf_born_l",
"tf_born_r",
mw_of_born,
mw_tf_adj_of_born,
"forename_l",
"forename_r",
"nicks_l",
"nicks_r",
"surname_l",
"surname_r",
"forenames_l",
"forenames_r",
"known_l",
"known_r",
"before_l",
"before_r",
"middles_l",
"middles_r",
gamma_of_forename,
"tf_forename_l",
"tf_forename_r",
mw_of_forename,
mw_tf_adj_of_forename,
"others_l",
"others_r",
"parts_l",
"parts_r",
"stem_l",
"stem_r",
gamma_of_surname,
"tf_surname_l",
"tf_surname_r",
mw_of_surname,
mw_tf_adj_of_surname,
"postcode_l",
"postcode_r",
gamma_of_postcode,
"tf_postcode_l",
"tf_postcode_r",
mw_of_postcode,
mw_tf_adj_of_postcode,
"middle_l",
"middle_r",
"given_l",
"given_r",
gamma_of_middle,
mw_of_middle,
"address_l",
"address_r",
gamma_of_address,
mw_of_address,
match_key
from __splink__df_match_weight_parts