-- What a vendor's seats are for: its chat, where it has one, else its tool.
with {{ first_service_of_each_provider({'chat': 1, 'coding_tool': 2, 'other': 3, 'api': 4, 'model_host': 4}) }}

select * from final
