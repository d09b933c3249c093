-- What a provider bills by keys is its API, or what hosts models; its chat and tools are bought by seats.
with {{ first_service_of_each_provider({'api': 1, 'model_host': 2, 'gateway': 3, 'other': 4}) }}

select * from final
